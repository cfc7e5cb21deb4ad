//! The charts, rendered by the real helm and held against Kubernetes', Istio's and our own rules.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod ours;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod toggles;
