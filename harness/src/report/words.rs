//! The words of reports for what lessons say in data.

use crate::lesson::{Guide, Verdict};

pub(super) fn section(guide: Guide) -> &'static str {
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

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "guide holds",
        Verdict::Stale => "guide is stale",
        Verdict::Wrong => "guide is wrong",
        Verdict::Silent => "guide is silent",
    }
}
