//! Tokens made here, verified through the layer.
