/// Where committed goldens lie.
package enum Goldens {}
