//! Behind real proxies: Envoy, configured from the rendered charts, before the real services.

mod attempts;
mod edge;
mod left_out;
mod limit;
mod overload;
mod rollout;
mod tokens;
mod translate;
mod world;
