//! What a service offers to whoever hosts it: its routers and what must hold before it is ready.

use crate::admin::Check;
use axum::Router;

/// A started service, seen from its host: one process for all services, or one each.
#[derive(Default)]
pub struct Doors {
    /// Guests and hosts, through the one entry.
    pub public: Router,
    /// Other services, on the internal port.
    pub internal: Router,
    /// Operators, on the admin port, below the service's own name where several share one.
    pub admin: Router,
    /// What must hold before the service is ready.
    pub checks: Vec<(String, Check)>,
}
