//! What the tests put in front of the C library of a program (ld.so(8), `LD_PRELOAD`): the wall clock, moved by
//! as many seconds as a file says at this moment. No other clock is touched. Built alone, by `rustc`.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};

const CLOCK_REALTIME: c_int = 0;
const CLOCK_REALTIME_COARSE: c_int = 5;
#[cfg(target_arch = "x86_64")]
const SYS_CLOCK_GETTIME: c_long = 228;
#[cfg(target_arch = "aarch64")]
const SYS_CLOCK_GETTIME: c_long = 113;

/// A moment, as the C library has it.
#[repr(C)]
pub struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

/// The same in microseconds.
#[repr(C)]
pub struct Timeval {
    seconds: i64,
    microseconds: i64,
}

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn getenv(name: *const c_char) -> *const c_char;
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn close(descriptor: c_int) -> c_int;
    fn mmap(at: *mut c_void, length: usize, protection: c_int, flags: c_int, file: c_int, from: i64) -> *mut c_void;
}

/// The mapped file; null where there is none.
static OFFSET: AtomicPtr<AtomicI64> = AtomicPtr::new(null_mut());

#[used]
#[unsafe(link_section = ".init_array")]
static AT_THE_START: extern "C" fn() = map_the_file;

extern "C" fn map_the_file() {
    const CLOSE_ON_EXEC: c_int = 0o2_000_000;
    const READ: c_int = 1;
    const SHARED: c_int = 1;
    // SAFETY: plain calls of the C library with strings that end; nobody else runs yet.
    unsafe {
        let path = getenv(c"TEST_WALL_CLOCK".as_ptr());
        if path.is_null() {
            return;
        }
        let file = open(path, CLOSE_ON_EXEC);
        let mapped = mmap(null_mut(), size_of::<i64>(), READ, SHARED, file, 0);
        close(file);
        if mapped as isize != -1 {
            OFFSET.store(mapped.cast(), Ordering::Release);
        }
    }
}

fn offset() -> i64 {
    let mapped = OFFSET.load(Ordering::Acquire);
    // SAFETY: it is null or a mapping of eight bytes that is never taken away.
    unsafe { mapped.as_ref() }.map_or(0, |offset| offset.load(Ordering::Relaxed))
}

/// clock_gettime(2).
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, now: *mut Timespec) -> c_int {
    // SAFETY: the kernel checks what it is given.
    let result = unsafe { syscall(SYS_CLOCK_GETTIME, clock, now) } as c_int;
    if result == 0 && [CLOCK_REALTIME, CLOCK_REALTIME_COARSE].contains(&clock) {
        // SAFETY: the kernel has just written there.
        unsafe { (*now).seconds += offset() };
    }
    result
}

fn wall() -> Timespec {
    let mut now = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: it is ours to be written.
    unsafe { clock_gettime(CLOCK_REALTIME, &raw mut now) };
    now
}

/// gettimeofday(2).
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(now: *mut Timeval, _zone: *mut c_void) -> c_int {
    let wall = wall();
    // SAFETY: the caller's, or null.
    if let Some(now) = unsafe { now.as_mut() } {
        *now = Timeval { seconds: wall.seconds, microseconds: wall.nanoseconds / 1000 };
    }
    0
}

/// time(2).
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(now: *mut i64) -> i64 {
    let seconds = wall().seconds;
    // SAFETY: the caller's, or null.
    if let Some(now) = unsafe { now.as_mut() } {
        *now = seconds;
    }
    seconds
}
