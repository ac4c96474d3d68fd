//! Resource limits (setrlimit(2)): minder's own and those that a worker is started with; the priority
//! of a thread of ours.
#![expect(unsafe_code, reason = "no crate here wraps setpriority(2)")]

use crate::spec::{Limit, Resource};
use nix::sys::resource::{Resource as Kernel, getrlimit, rlim_t, setrlimit};

/// The kernel's number for a resource.
pub(super) fn kernel(resource: Resource) -> Kernel {
    match resource {
        Resource::As => Kernel::RLIMIT_AS,
        Resource::Core => Kernel::RLIMIT_CORE,
        Resource::Cpu => Kernel::RLIMIT_CPU,
        Resource::Data => Kernel::RLIMIT_DATA,
        Resource::Fsize => Kernel::RLIMIT_FSIZE,
        Resource::Memlock => Kernel::RLIMIT_MEMLOCK,
        Resource::Nofile => Kernel::RLIMIT_NOFILE,
        Resource::Nproc => Kernel::RLIMIT_NPROC,
        Resource::Stack => Kernel::RLIMIT_STACK,
    }
}

/// A bound as the kernel takes it: `None` is `RLIM_INFINITY`.
pub(super) fn bound(value: Option<u64>) -> rlim_t {
    value.unwrap_or(libc::RLIM_INFINITY)
}

/// Raises minder's own soft limit on open descriptors to the hard one, since every worker takes
/// a few. Returns the limit as it was: workers are started with that one.
pub fn raise_descriptors() -> Option<Limit> {
    let (soft, hard) = getrlimit(Kernel::RLIMIT_NOFILE).ok()?;
    // A failure leaves the limit as it was, and a worker that meets it is told so (EMFILE).
    let _ = setrlimit(Kernel::RLIMIT_NOFILE, hard, hard);
    let value = |bound| (bound != libc::RLIM_INFINITY).then_some(bound);
    Some(Limit { resource: Resource::Nofile, soft: value(soft), hard: value(hard) })
}

/// The soft limit on `resource` now; `None` if unlimited or unreadable.
pub(super) fn soft(resource: Resource) -> Option<u64> {
    let (soft, _) = getrlimit(kernel(resource)).ok()?;
    (soft != libc::RLIM_INFINITY).then_some(soft)
}

/// From now on the calling thread steps back where there is too little processor time for all: it gets
/// about a tenth of what others get, and all that they leave.
pub fn step_back() {
    const NICE: libc::c_int = 10;
    // SAFETY: plain numbers. On Linux 0 is the calling thread and not its process (setpriority(2),
    // "C library/kernel differences"). A failure leaves it as important as it was.
    let _ = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
}
