//! Nothing of ours: this package exists to pin and build OpenDP with the features that Parley needs.
pub use opendp;
