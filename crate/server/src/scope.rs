//! What a session may do.

use serde::{Deserialize, Serialize};

use crate::clock::{MINUTE, Millis};

/// Each may do what those before it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// List and get.
    Read,
    /// Put what was not there. Nothing that is there can be changed.
    #[default]
    Append,
    /// What cannot be undone: another secret, other sessions' end.
    Delete,
}

/// How long `delete` lasts after the sign-in that asked for it. A session that is stolen later cannot use it.
const FRESH: Millis = 5 * MINUTE;

impl Scope {
    const ALL: [Self; 3] = [Self::Read, Self::Append, Self::Delete];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Append => "append",
            Self::Delete => "delete",
        }
    }

    /// What is left of it so long after the sign-in.
    pub fn after(self, age: Millis) -> Self {
        if self == Self::Delete && age >= FRESH { Self::Append } else { self }
    }
}
