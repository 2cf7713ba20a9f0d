//! Which system calls the code may make.
//!
//! Three filters, of whose answers the kernel takes the strictest. The first allows what programs need and answers
//! `ENOSYS` to all else, so that the C library falls back to older calls and calls of future kernels are closed until
//! someone opens them. The second answers `EPERM` where a program should learn that it may not, rather than that the
//! kernel is old. The third kills whoever makes a call that serves nothing but a change of the machine or a way out of
//! the jail: no library tries such a call to see whether it works. Calls by another architecture's numbers (32-bit entry
//! points on a 64-bit kernel) are killed by all three.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, sock_filter,
};

use super::syscalls::{ALLOWED, FORBIDDEN, REFUSED};
use crate::error::SandboxError;

/// What is allowed, what is refused, what is forbidden.
pub(super) type Filters = [BpfProgram; 3];

/// The filters, in the order in which they are installed.
pub(super) fn filters() -> Result<Filters, SandboxError> {
    let build = || -> Built<Filters> {
        Ok([
            compile(allowed()?, SeccompAction::Errno(libc::ENOSYS as u32), SeccompAction::Allow)?,
            compile(refused()?, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))?,
            compile(forbidden(), SeccompAction::Allow, SeccompAction::KillProcess)?,
        ])
    };
    build().map_err(unsupported)
}

/// The same answers from two filters that leave some calls `open`, and a third that closes these: the kernel takes long
/// to prepare a filter, in step with its length, and what forks is spared it.
pub(super) fn in_two_parts(open: &[c_long]) -> Result<([BpfProgram; 2], BpfProgram), SandboxError> {
    let build = || -> Built<[BpfProgram; 2]> {
        let [mut allowed, mut refused] = [allowed()?, refused()?];
        for call in open {
            allowed.insert(*call, Vec::new());
            refused.remove(call);
        }
        let forbidden: Vec<_> = FORBIDDEN.iter().copied().filter(|call| !open.contains(call)).collect();
        let mut second = closing(&forbidden);
        second.extend(compile(refused, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))?);
        Ok([compile(allowed, SeccompAction::Errno(libc::ENOSYS as u32), SeccompAction::Allow)?, second])
    };
    let mut last = closing(open);
    last.push(answer(SeccompAction::Allow));
    Ok((build().map_err(unsupported)?, last))
}

fn unsupported(error: seccompiler::BackendError) -> SandboxError {
    SandboxError::Unsupported {
        reason: format!("its system call filter cannot be built: {error}"),
        hint: "x86_64 and aarch64 are supported".into(),
    }
}

/// The beginning of a filter that answers these calls as they are to be answered in the end, and goes on with all others.
/// Another filter sees to the architecture.
fn closing(calls: &[c_long]) -> BpfProgram {
    const LOAD_NUMBER: sock_filter = sock_filter { code: 0x20, jt: 0, jf: 0, k: 0 };
    let skip_unless = |call: c_long| sock_filter { code: 0x15, jt: 0, jf: 1, k: call as u32 };
    let close = |call: &c_long| {
        let is_forbidden = FORBIDDEN.contains(call);
        let refuse = SeccompAction::Errno(libc::EPERM as u32);
        [skip_unless(*call), answer(if is_forbidden { SeccompAction::KillProcess } else { refuse })]
    };
    std::iter::once(LOAD_NUMBER).chain(calls.iter().flat_map(close)).collect()
}

fn answer(action: SeccompAction) -> sock_filter {
    sock_filter { code: 0x06, jt: 0, jf: 0, k: action.into() }
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;
type Built<T> = Result<T, seccompiler::BackendError>;

fn compile(rules: Rules, otherwise: SeccompAction, on_match: SeccompAction) -> Built<BpfProgram> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, otherwise, on_match, architecture)?.try_into()
}

/// All flags of `clone` that ask for a new namespace.
const NAMESPACES: [i32; 8] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
    0x80, // CLONE_NEWTIME
];
const SOCKET_FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
/// Terminal requests that type into another's input.
const TERMINAL_INPUT: [u64; 2] = [0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */];
/// Asks for the personality without changing it.
const PERSONALITY_QUERY: u64 = 0xffff_ffff;

fn allowed() -> Built<Rules> {
    let mut rules: Rules = ALLOWED.iter().map(|number| (*number, Vec::new())).collect();
    let mask = NAMESPACES.iter().fold(0_u64, |mask, flag| mask | u64::from(*flag as u32));
    rules.insert(libc::SYS_clone, vec![rule(&[(0, SeccompCmpOp::MaskedEq(mask), 0)])?]);
    let families = SOCKET_FAMILIES.iter().map(|family| rule(&[(0, SeccompCmpOp::Eq, *family as u64)]));
    rules.insert(libc::SYS_socket, families.collect::<Built<_>>()?);
    rules.insert(libc::SYS_socketpair, vec![rule(&[(0, SeccompCmpOp::Eq, libc::AF_UNIX as u64)])?]);
    rules.insert(libc::SYS_ioctl, vec![rule(&TERMINAL_INPUT.map(|request| (1, SeccompCmpOp::Ne, request)))?]);
    rules.insert(libc::SYS_personality, vec![rule(&[(0, SeccompCmpOp::Eq, PERSONALITY_QUERY)])?]);
    Ok(rules)
}

fn forbidden() -> Rules {
    FORBIDDEN.iter().map(|number| (*number, Vec::new())).collect()
}

fn refused() -> Built<Rules> {
    let mut rules: Rules = REFUSED.iter().map(|number| (*number, Vec::new())).collect();
    let any_namespace = NAMESPACES.iter().map(|flag| {
        let flag = u64::from(*flag as u32);
        rule(&[(0, SeccompCmpOp::MaskedEq(flag), flag)])
    });
    rules.insert(libc::SYS_clone, any_namespace.collect::<Built<_>>()?);
    let other_family = SOCKET_FAMILIES.map(|family| (0, SeccompCmpOp::Ne, family as u64));
    rules.insert(libc::SYS_socket, vec![rule(&other_family)?]);
    let terminal = TERMINAL_INPUT.iter().map(|request| rule(&[(1, SeccompCmpOp::Eq, *request)]));
    rules.insert(libc::SYS_ioctl, terminal.collect::<Built<_>>()?);
    rules.insert(libc::SYS_personality, vec![rule(&[(0, SeccompCmpOp::Ne, PERSONALITY_QUERY)])?]);
    Ok(rules)
}

/// A rule that holds when all conditions `(argument, comparison, value)` do. The kernel looks at the lower half of
/// these arguments only, so the filter does too.
fn rule(conditions: &[(u8, SeccompCmpOp, u64)]) -> Built<SeccompRule> {
    let conditions = conditions.iter().map(|(argument, comparison, value)| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, comparison.clone(), *value)
    });
    SeccompRule::new(conditions.collect::<Built<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_in_one_list() {
        let mut all = [ALLOWED, REFUSED, FORBIDDEN].concat();
        all.sort_unstable();
        let twice: Vec<_> = all.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn the_filters_compile_within_the_kernels_limit() {
        let ([first, second], last) = in_two_parts(&[libc::SYS_setns]).unwrap();
        assert!(last.len() < 5);
        for filter in filters().unwrap().into_iter().chain([first, second]) {
            assert!(filter.len() > 20 && filter.len() <= 4096, "{}", filter.len());
        }
    }
}
