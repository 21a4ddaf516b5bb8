//! The words of reports for what lessons say in data.

use crate::lessons::{Guide, Verdict};

/// The name of a part of the guide.
pub fn section(guide: Guide) -> &'static str {
    match guide {
        Guide::QuickStart => "quick-start",
        Guide::CriticalKnowledge => "critical-knowledge",
        Guide::FileSchema => "file-schema",
        Guide::Workflow => "workflow",
        Guide::SmokeTests => "smoke-tests",
        Guide::Comparison => "comparison",
        Guide::Troubleshooting => "troubleshooting",
        Guide::Environment => "environment",
        Guide::Beyond => "beyond",
    }
}

/// What a statement of the guide is worth.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "guide holds",
        Verdict::Stale => "guide is stale",
        Verdict::Wrong => "guide is wrong",
        Verdict::Silent => "guide is silent",
    }
}
