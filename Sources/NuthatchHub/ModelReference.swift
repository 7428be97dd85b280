/// How a user names a model: alias, path, or hub repository.
package enum ModelReference: Sendable {}
