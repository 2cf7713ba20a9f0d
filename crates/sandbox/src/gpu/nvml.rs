//! The few calls of NVML, the driver's management library, that this crate needs.
//!
//! The library comes with the driver, so it is loaded when first asked for. Names, types and numbers are those of
//! NVIDIA's `nvml.h`.

use std::ffi::{CStr, OsStr, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::fmt;
use std::ptr::null_mut;

use libloading::Library;

type Return = c_uint;
const SUCCESS: Return = 0;
const INSUFFICIENT_SIZE: Return = 7;
/// `NVML_VALUE_NOT_AVAILABLE`.
const NOT_AVAILABLE: c_ulonglong = c_ulonglong::MAX;
/// `NVML_DEVICE_UUID_V2_BUFFER_SIZE` and `NVML_DEVICE_NAME_V2_BUFFER_SIZE`.
const TEXT: usize = 96;
/// More processes on one device than any host has.
const MOST_PROCESSES: usize = 1 << 16;

/// `nvmlDevice_t`, opaque.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Handle(*mut c_void);

/// `nvmlProcessInfo_t`, as the calls of version 2 and 3 fill it.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct ProcessInfo {
    pid: c_uint,
    used_gpu_memory: c_ulonglong,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

/// `nvmlMemory_t`.
#[repr(C)]
#[derive(Default)]
struct MemoryInfo {
    total: c_ulonglong,
    free: c_ulonglong,
    used: c_ulonglong,
}

type GetProcesses = unsafe extern "C" fn(Handle, *mut c_uint, *mut ProcessInfo) -> Return;

/// The library, loaded and started.
pub(super) struct Nvml {
    shutdown: unsafe extern "C" fn() -> Return,
    error_string: unsafe extern "C" fn(Return) -> *const c_char,
    count: unsafe extern "C" fn(*mut c_uint) -> Return,
    by_index: unsafe extern "C" fn(c_uint, *mut Handle) -> Return,
    uuid: unsafe extern "C" fn(Handle, *mut c_char, c_uint) -> Return,
    name: unsafe extern "C" fn(Handle, *mut c_char, c_uint) -> Return,
    minor: unsafe extern "C" fn(Handle, *mut c_uint) -> Return,
    memory: unsafe extern "C" fn(Handle, *mut MemoryInfo) -> Return,
    /// Drivers from before MIG lack it.
    mig_mode: Option<unsafe extern "C" fn(Handle, *mut c_uint, *mut c_uint) -> Return>,
    compute_processes: GetProcesses,
    graphics_processes: GetProcesses,
    started: bool,
    /// Holds the code that the pointers point to.
    _library: Library,
}

/// A process on a device; no memory where the driver doesn't tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) memory: Option<u64>,
}

/// What NVML tells of a device.
pub(super) struct Device {
    pub(super) uuid: String,
    pub(super) name: String,
    pub(super) minor: u32,
    pub(super) memory: u64,
    pub(super) is_mig: bool,
}

impl fmt::Debug for Nvml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nvml").finish_non_exhaustive()
    }
}

impl Nvml {
    pub(super) fn load(path: &OsStr) -> Result<Self, String> {
        let failed = |error: libloading::Error| format!("`{}` cannot be loaded: {error}", path.display());
        // SAFETY: the driver's library may be loaded at any time; its initialisers need nothing of us.
        let library = unsafe { Library::new(path) }.map_err(failed)?;
        // SAFETY: each name is taken with the type that `nvml.h` declares it with, and the pointers are used no longer
        // than the library, which stays beside them.
        let nvml = unsafe {
            let init: unsafe extern "C" fn() -> Return = *library.get(c"nvmlInit_v2").map_err(failed)?;
            let processes = |new: &CStr, old: &CStr| -> Result<GetProcesses, String> {
                library.get(new).or_else(|_| library.get(old)).map(|symbol| *symbol).map_err(failed)
            };
            let nvml = Self {
                shutdown: *library.get(c"nvmlShutdown").map_err(failed)?,
                error_string: *library.get(c"nvmlErrorString").map_err(failed)?,
                count: *library.get(c"nvmlDeviceGetCount_v2").map_err(failed)?,
                by_index: *library.get(c"nvmlDeviceGetHandleByIndex_v2").map_err(failed)?,
                uuid: *library.get(c"nvmlDeviceGetUUID").map_err(failed)?,
                name: *library.get(c"nvmlDeviceGetName").map_err(failed)?,
                minor: *library.get(c"nvmlDeviceGetMinorNumber").map_err(failed)?,
                memory: *library.get(c"nvmlDeviceGetMemoryInfo").map_err(failed)?,
                mig_mode: library.get(c"nvmlDeviceGetMigMode").ok().map(|symbol| *symbol),
                compute_processes: processes(
                    c"nvmlDeviceGetComputeRunningProcesses_v3",
                    c"nvmlDeviceGetComputeRunningProcesses_v2",
                )?,
                graphics_processes: processes(
                    c"nvmlDeviceGetGraphicsRunningProcesses_v3",
                    c"nvmlDeviceGetGraphicsRunningProcesses_v2",
                )?,
                started: true,
                _library: library,
            };
            (nvml, init())
        };
        match nvml {
            (nvml, SUCCESS) => Ok(nvml),
            (mut nvml, code) => {
                nvml.started = false;
                Err(format!("the NVIDIA driver does not answer: {}", nvml.describe(code)))
            }
        }
    }

    /// How many devices there are.
    pub(super) fn count(&self) -> Result<u32, String> {
        let mut count = 0;
        // SAFETY: the pointer is to a live number.
        self.check("count the GPUs", unsafe { (self.count)(&raw mut count) })?;
        Ok(count)
    }

    pub(super) fn device(&self, index: u32) -> Result<Device, String> {
        let handle = self.handle(index)?;
        let mut minor = 0;
        // SAFETY: the handle is the library's own, the pointer is to a live number.
        self.check("find a GPU's device node", unsafe { (self.minor)(handle, &raw mut minor) })?;
        let mut memory = MemoryInfo::default();
        // SAFETY: the handle is the library's own, the pointer is to a live structure of the type that is filled.
        self.check("ask for a GPU's memory", unsafe { (self.memory)(handle, &raw mut memory) })?;
        let (mut current, mut pending) = (0, 0);
        let is_mig = self.mig_mode.is_some_and(|mig_mode| {
            // SAFETY: the handle is the library's own, the pointers are to live numbers.
            let code = unsafe { mig_mode(handle, &raw mut current, &raw mut pending) };
            // A device that knows no MIG says so by an error.
            code == SUCCESS && current != 0
        });
        Ok(Device {
            uuid: self.text("ask for a GPU's UUID", handle, self.uuid)?,
            name: self.text("ask for a GPU's name", handle, self.name)?,
            minor,
            memory: memory.total,
            is_mig,
        })
    }

    /// The processes that use a device, by compute or by graphics. One that does both comes twice.
    pub(super) fn processes(&self, index: u32) -> Result<Vec<Process>, String> {
        let handle = self.handle(index)?;
        let mut all = self.processes_by(self.compute_processes, handle)?;
        all.extend(self.processes_by(self.graphics_processes, handle)?);
        Ok(all)
    }

    fn processes_by(&self, call: GetProcesses, handle: Handle) -> Result<Vec<Process>, String> {
        let mut infos = vec![ProcessInfo::default(); 64];
        loop {
            let mut count = infos.len() as c_uint;
            // SAFETY: the handle is the library's own; the array has room for `count` structures of that type.
            let code = unsafe { call(handle, &raw mut count, infos.as_mut_ptr()) };
            let count = count as usize;
            if code == INSUFFICIENT_SIZE && infos.len() < MOST_PROCESSES {
                // Some more than there are now, as more may come.
                infos.resize((count.max(infos.len()) * 2).min(MOST_PROCESSES), ProcessInfo::default());
                continue;
            }
            self.check("list a GPU's processes", code)?;
            let told = |info: &ProcessInfo| Process {
                pid: info.pid,
                memory: (info.used_gpu_memory != NOT_AVAILABLE).then_some(info.used_gpu_memory),
            };
            return Ok(infos.iter().take(count).map(told).collect());
        }
    }

    fn handle(&self, index: u32) -> Result<Handle, String> {
        let mut handle = Handle(null_mut());
        // SAFETY: the pointer is to a live handle.
        self.check("find a GPU", unsafe { (self.by_index)(index, &raw mut handle) })?;
        Ok(handle)
    }

    fn text(
        &self,
        action: &str,
        handle: Handle,
        call: unsafe extern "C" fn(Handle, *mut c_char, c_uint) -> Return,
    ) -> Result<String, String> {
        let mut text = [0_u8; TEXT];
        // SAFETY: the handle is the library's own; the array has the length given.
        self.check(action, unsafe { call(handle, text.as_mut_ptr().cast(), TEXT as c_uint) })?;
        let text = CStr::from_bytes_until_nul(&text).map_err(|error| format!("{action}: {error}"))?;
        Ok(text.to_string_lossy().into_owned())
    }

    fn check(&self, action: &str, code: Return) -> Result<(), String> {
        if code == SUCCESS { Ok(()) } else { Err(format!("{action}: {}", self.describe(code))) }
    }

    fn describe(&self, code: Return) -> String {
        // SAFETY: the library returns a text of its own for any number, which lives as long as the library.
        let text = unsafe { (self.error_string)(code) };
        if text.is_null() {
            return format!("NVML error {}", code as c_int);
        }
        // SAFETY: not null, and ends in NUL.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }
}

impl Drop for Nvml {
    fn drop(&mut self) {
        if self.started {
            // SAFETY: started once, shut down once; nobody uses the library any more.
            unsafe { (self.shutdown)() };
        }
    }
}
