/// A conversation with a model and the cache it has filled.
package final class Session {}
