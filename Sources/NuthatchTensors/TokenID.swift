/// An id in a model's vocabulary, from 0.
public typealias TokenID = Int32
