//! Tokens signed here by keys made here, verified through the layer; the issuer is a real server on the loopback.
mod issuer;
mod keys;
mod refused;
mod service;
