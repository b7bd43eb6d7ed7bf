//! What is found in requests, case by case.

mod differential;
mod oracle;

use temporal_authz::{MethodInfo, MethodTable, Reason, Scope};

use super::{ScanError, Scanned, WireError, scan, scan_without_commands};
use crate::Limits;

const START: &str = oracle::METHODS[0];

fn found<'m>(path: &str, message: &'m [u8]) -> Result<Scanned<'m>, ScanError> {
    scan(MethodTable::temporal().find(path), message, &Limits::default())
}

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    assert!(number < 16 && content.len() < 128);
    [&[number << 3 | 2, content.len() as u8], content].concat()
}

/// A command of a type, with the encoded fields of its attributes.
fn command(command_type: u8, fields: &[Vec<u8>]) -> Vec<u8> {
    field(2, &[&[8, command_type], &fields.concat()[..]].concat())
}

fn targets(commands: &[Vec<u8>]) -> Result<Vec<(String, String)>, ScanError> {
    let message = [field(9, b"own"), commands.concat()].concat();
    let scanned = found(oracle::COMMANDS, &message)?;
    let short = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    Ok(scanned.commands().iter().map(|it| (short(it.api_name()), it.namespace().to_owned())).collect())
}

#[test]
fn case_79_the_last_namespace_counts() {
    for (name, message, expected) in [
        ("nothing", &b""[..], ""),
        ("mine, then the victim's", b"\x0a\x04mine\x0a\x06victim", "victim"),
        ("the victim's, then mine", b"\x0a\x06victim\x0a\x04mine", "mine"),
        ("mine, then an empty one", b"\x0a\x04mine\x0a\x00", ""),
        (
            "among unknown fields",
            b"\xba\x38\x02\x0a\x00\x0a\x04mine\xa0\x38\x01\x0a\x06victim\xc3\x38\x0a\x01x\xc4\x38",
            "victim",
        ),
        ("inside a group it is another field", b"\x0a\x04mine\xc3\x38\x0a\x06victim\xc4\x38", "mine"),
        ("a padded tag and a padded length", b"\x8a\x80\x00\x84\x80\x00mine", "mine"),
    ] {
        assert_eq!(found(START, message).unwrap().namespace(), expected, "{name}");
    }
}

#[test]
fn case_80_the_namespace_has_its_own_number_in_each_message() {
    let table = MethodTable::temporal();
    let token_like = [field(1, b"victim"), field(9, b"mine")].concat();
    assert_eq!(found(oracle::COMMANDS, &token_like).unwrap().namespace(), "mine");
    for method in table.iter() {
        let Some(number) = method.namespace_field() else { continue };
        let message = field(number as u8, b"here");
        assert_eq!(scan(method, &message, &Limits::default()).unwrap().namespace(), "here", "{}", method.path());
    }
}

#[test]
fn case_81_a_malformed_message_is_refused() {
    let deep = [vec![0x13; 101], vec![0x14; 101]].concat();
    for (name, message, error) in [
        ("a namespace that is a number", &b"\x08\x01"[..], WireError::Mismatch),
        ("a namespace that is a group", b"\x0b\x0c", WireError::Mismatch),
        ("a namespace that is fixed", b"\x0d1234", WireError::Mismatch),
        ("a tag of eleven bytes", b"\x8a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x01a", WireError::Varint),
        ("a length past the end", b"\x0a\x05mine", WireError::Truncated),
        ("no UTF-8", b"\x0a\x01\xff", WireError::Utf8),
        ("no UTF-8 in a namespace that does not count", b"\x0a\x01\xff\x0a\x04mine", WireError::Utf8),
        ("a surrogate", b"\x0a\x03\xed\xa0\x80", WireError::Utf8),
        ("malformed after the namespace", b"\x0a\x04mine\x12", WireError::Truncated),
        ("an unmatched group", b"\x0a\x04mine\x13", WireError::Truncated),
        ("nested 101 deep", &deep, WireError::Nesting),
    ] {
        assert_eq!(found(START, message), Err(ScanError::Wire(error)), "{name}");
        let reason = match error {
            WireError::Mismatch => Reason::UnresolvedNamespace,
            _ => Reason::UndecodableRequest,
        };
        assert_eq!(ScanError::Wire(error).reason(), reason, "{name}");
    }
}

#[test]
fn a_malformed_message_is_refused_where_there_is_no_namespace_too() {
    let table = MethodTable::temporal();
    let list = table.find("/temporal.api.workflowservice.v1.WorkflowService/ListNamespaces");
    let limits = Limits::default();
    assert_eq!(scan(list, b"\x0a\x01a", &limits).unwrap().namespace(), "");
    assert!(scan(list, b"\x0a\x02a", &limits).is_err());
    let opaque = MethodInfo::unary("/acme.Json/Put", Scope::Namespace, temporal_authz::Access::Write);
    assert_eq!(scan(&opaque, b"{}", &limits), Ok(Scanned::default()));
}

#[test]
fn case_84_a_name_and_an_id_are_refused() {
    let (name, id) = (field(1, b"own"), field(2, b"an-id"));
    for path in [
        "/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace",
        "/temporal.api.operatorservice.v1.OperatorService/DeleteNamespace",
    ] {
        for (case, message, expected) in [
            ("the name", name.clone(), Ok("own")),
            ("the id", id.clone(), Ok("")),
            ("both", [name.clone(), id.clone()].concat(), Err(ScanError::NamespaceMismatch)),
            ("both, the other way round", [id.clone(), name.clone()].concat(), Err(ScanError::NamespaceMismatch)),
            ("an emptied id", [name.clone(), id.clone(), field(2, b"")].concat(), Ok("own")),
            ("an id that is a number", [name.clone(), b"\x10\x01".to_vec()].concat(), Err(WireError::Mismatch.into())),
        ] {
            let scanned = found(path, &message);
            assert_eq!(scanned.as_ref().map(Scanned::namespace).map_err(|error| *error), expected, "{path}: {case}");
        }
    }
}

#[test]
fn case_85_an_operation_in_another_namespace_is_refused() {
    let outer = field(1, b"own");
    let start = |name: &[u8]| field(1, &field(1, name));
    let update = |name: &[u8]| field(2, &field(1, name));
    let operation = |fields: &[Vec<u8>]| field(2, &fields.concat());
    let wrong = Err(ScanError::NamespaceMismatch);
    for (name, message, expected) in [
        ("no operation", vec![outer.clone()], Ok(())),
        ("the same namespace", vec![outer.clone(), operation(&[start(b"own")]), operation(&[update(b"own")])], Ok(())),
        ("no namespace", vec![outer.clone(), operation(&[start(b"")]), operation(&[field(2, b"")])], Ok(())),
        ("another in the start", vec![outer.clone(), operation(&[start(b"other")])], wrong),
        (
            "another in the update",
            vec![outer.clone(), operation(&[start(b"own")]), operation(&[update(b"other")])],
            wrong,
        ),
        ("another before the outer one", vec![operation(&[start(b"other")]), outer.clone()], wrong),
        ("the same before the outer one", vec![operation(&[start(b"own")]), outer.clone()], Ok(())),
        ("one, and no outer one", vec![operation(&[start(b"other")])], wrong),
        ("another in an earlier part", vec![outer.clone(), operation(&[start(b"other"), start(b"own")])], Ok(())),
        ("another, and a part without", vec![outer.clone(), operation(&[start(b"other"), field(1, b"")])], wrong),
        ("another, emptied", vec![outer.clone(), operation(&[start(b"other"), start(b"")])], Ok(())),
        ("another, replaced", vec![outer.clone(), operation(&[start(b"other"), field(2, b"")])], Ok(())),
        ("replaced twice", vec![outer.clone(), operation(&[start(b"other"), update(b"own"), field(1, b"")])], Ok(())),
        ("an operation that is a number", vec![outer.clone(), b"\x10\x01".to_vec()], Err(WireError::Mismatch.into())),
        (
            "a start that is a number",
            vec![outer.clone(), operation(&[b"\x08\x01".to_vec()])],
            Err(WireError::Mismatch.into()),
        ),
        ("a cut start", vec![outer, operation(&[field(1, b"\x0a\x05a")])], Err(WireError::Truncated.into())),
    ] {
        assert_eq!(found(oracle::OPERATIONS, &message.concat()).map(|_| ()), expected, "{name}");
    }
    assert_eq!(ScanError::NamespaceMismatch.reason(), Reason::NamespaceMismatch);
}

#[test]
fn case_86_each_namespace_and_method_is_a_target_once() {
    let (cancel, start, signal) =
        ("RequestCancelWorkflowExecution", "StartWorkflowExecution", "SignalWorkflowExecution");
    let names = |name: &[u8]| field(1, name);
    let cases = [
        ("no command", vec![], vec![]),
        ("own", vec![command(8, &[field(9, &names(b"own"))])], vec![]),
        ("none", vec![command(8, &[field(9, b"\x12\x01c")])], vec![]),
        ("no attributes", vec![command(8, &[])], vec![]),
        ("a cancellation", vec![command(8, &[field(9, &names(b"a"))])], vec![(cancel, "a")]),
        ("a child", vec![command(11, &[field(12, &names(b"a"))])], vec![(start, "a")]),
        ("a signal", vec![command(12, &[field(13, &names(b"a"))])], vec![(signal, "a")]),
        ("a timer with a child's attributes", vec![command(3, &[field(12, &names(b"a"))])], vec![]),
        ("a signal with a child's attributes", vec![command(12, &[field(12, &names(b"a"))])], vec![]),
        (
            "twice, in two ways, in two places",
            vec![
                command(11, &[field(12, &names(b"b"))]),
                command(11, &[field(12, &names(b"a"))]),
                command(12, &[field(13, &names(b"a"))]),
                command(11, &[field(12, &names(b"b"))]),
            ],
            vec![(start, "b"), (start, "a"), (signal, "a")],
        ),
        (
            "the last type counts",
            vec![command(3, &[b"\x08\x0b".to_vec(), field(12, &names(b"a"))])],
            vec![(start, "a")],
        ),
        ("the type after the attributes", vec![field(2, b"\x62\x03\x0a\x01a\x08\x0b")], vec![(start, "a")]),
        ("2^32 + 11", vec![field(2, b"\x08\x8b\x80\x80\x80\x10\x62\x03\x0a\x01a")], vec![(start, "a")]),
        (
            "merged: the last counts",
            vec![command(11, &[field(12, &names(b"a")), field(12, &names(b"b"))])],
            vec![(start, "b")],
        ),
        ("merged: emptied", vec![command(11, &[field(12, &names(b"a")), field(12, &names(b""))])], vec![]),
        ("merged: kept", vec![command(11, &[field(12, &names(b"a")), field(12, b"\x12\x01c")])], vec![(start, "a")]),
        (
            "fields beside the attributes replace nothing",
            vec![command(11, &[field(12, &names(b"a")), b"\x82\x01\x00\xa0\x01\x00\xea\x12\x00".to_vec()])],
            vec![(start, "a")],
        ),
        ("replaced by a timer", vec![command(11, &[field(12, &names(b"a")), field(3, b"")])], vec![]),
        ("replaced by a cancellation", vec![command(11, &[field(12, &names(b"a")), field(9, &names(b"b"))])], vec![]),
        ("replaced, and back", vec![command(11, &[field(12, &names(b"a")), field(13, b""), field(12, b"")])], vec![]),
    ];
    for (name, commands, expected) in cases {
        let expected: Vec<_> = expected.into_iter().map(|(api, name)| (api.to_owned(), name.to_owned())).collect();
        assert_eq!(targets(&commands), Ok(expected), "{name}");
    }
    for (name, commands) in [
        ("a command that is a number", b"\x10\x01".to_vec()),
        ("a type that is a string", field(2, b"\x0a\x01a")),
        ("attributes that are a number", field(2, b"\x60\x01")),
        ("a timer's attributes that are a number", field(2, b"\x18\x01")),
        ("a namespace that is a number", command(11, &[field(12, b"\x08\x01")])),
        ("a namespace that is no UTF-8", command(11, &[field(12, b"\x0a\x01\xff")])),
        ("malformed attributes that are replaced", command(11, &[field(12, b"\x0a"), field(3, b"")])),
        ("a cut command", field(2, b"\x08")),
    ] {
        assert!(matches!(targets(&[commands]), Err(ScanError::Wire(_))), "{name}");
    }
}

#[test]
fn the_namespace_of_the_request_may_stand_behind_its_commands() {
    let message = [command(11, &[field(12, &field(1, b"own"))]), field(9, b"other"), field(9, b"own")].concat();
    let scanned = found(oracle::COMMANDS, &message).unwrap();
    assert_eq!((scanned.namespace(), scanned.commands().len()), ("own", 0));
}

#[test]
fn attributes_are_shared_with_the_message_and_joined_when_they_come_in_parts() {
    let method = MethodTable::temporal();
    let method = method.find(oracle::COMMANDS);
    let whole = [field(1, b"a"), field(2, b"id")].concat();
    let message = command(11, &[field(12, &whole)]);
    let scanned = scan(method, &message, &Limits::default()).unwrap();
    let [target] = scanned.commands() else { panic!("{scanned:?}") };
    assert_eq!(target.attributes_name(), "temporal.api.command.v1.StartChildWorkflowExecutionCommandAttributes");
    assert_eq!(target.attributes(), &whole);
    assert!(message.as_ptr_range().contains(&target.attributes().as_ptr()), "copied");

    let parts = command(11, &[field(12, &field(1, b"a")), field(12, &field(2, b"id"))]);
    let scanned = scan(method, &parts, &Limits::default()).unwrap();
    assert_eq!(scanned.commands()[0].attributes(), &whole);
    assert!(format!("{scanned:?}").contains("namespace: \"a\""));
}

#[test]
fn case_86_ten_thousand_commands_are_bounded() {
    let table = MethodTable::temporal();
    let method = table.find(oracle::COMMANDS);
    let to = |count: usize| {
        let name = |n: usize| command(11, &[field(12, &field(1, format!("n{n}").as_bytes()))]);
        [field(9, b"n0"), (0..10_000).flat_map(|n| name(n % count)).collect()].concat()
    };
    let limits = Limits::default();
    assert_eq!(limits.max_targets, 1_000);
    let (most, more) = (to(1_001), to(1_002));
    let scanned = scan(method, &most, &limits).unwrap();
    assert_eq!(scanned.commands().len(), 1_000, "the own namespace is no target");
    assert_eq!(scan(method, &more, &limits), Err(ScanError::TooManyTargets));
    let unjudged = scan_without_commands(method, &more, &limits).unwrap();
    assert_eq!((unjudged.namespace(), unjudged.commands()), ("n0", &[][..]));
}

#[test]
fn targets_in_the_own_namespace_do_not_count_wherever_it_stands() {
    let limits = Limits { max_targets: 2, ..Limits::default() };
    let table = MethodTable::temporal();
    let to = |kind: u8, member: u8, name: &str| command(kind, &[field(member, &field(1, name.as_bytes()))]);
    let own = || [(8, 9), (11, 12), (12, 13)].map(|(kind, member)| to(kind, member, "own")).concat();
    let others = |count: usize| ["a", "b", "c", "d"].map(|name| to(11, 12, name))[..count].concat();
    for (count, expected) in [(2, Ok(2)), (3, Err(ScanError::TooManyTargets)), (4, Err(ScanError::TooManyTargets))] {
        for parts in [[own(), others(count), field(9, b"own")], [field(9, b"own"), others(count), own()]] {
            let message = parts.concat();
            let found = scan(table.find(oracle::COMMANDS), &message, &limits).map(|scanned| scanned.commands().len());
            assert_eq!(found, expected, "{count}");
        }
    }
}

#[test]
fn what_cannot_be_read_comes_before_any_limit_wherever_it_stands() {
    let limits = Limits { max_namespace_bytes: 3, max_targets: 0, ..Limits::default() };
    let table = MethodTable::temporal();
    let reason = |parts: &[&[u8]]| {
        let message = parts.concat();
        scan(table.find(oracle::COMMANDS), &message, &limits).unwrap_err().reason()
    };
    let to = |name: &[u8]| command(11, &[field(12, &field(1, name))]);
    let (long, many) = (to(b"long"), [b"a", b"b", b"c", b"d"].map(|name| to(name)).concat());
    // Cut short, no UTF-8, and of another wire type: what that is nobody can say.
    let (cut, text, mismatch) = ([0x12, 1, 8], to(b"\xff"), [0x48, 1]);
    let (undecodable, unresolved) = (Reason::UndecodableRequest, Reason::UnresolvedNamespace);
    for exceeds in [&long[..], &many, &field(9, b"long")] {
        for (fault, expected) in [(&cut[..], undecodable), (&text, undecodable), (&mismatch, unresolved)] {
            assert_eq!(reason(&[exceeds, fault]), expected, "{exceeds:?} {fault:?}");
            assert_eq!(reason(&[fault, exceeds]), expected, "{fault:?} {exceeds:?}");
        }
    }
    assert_eq!(
        (reason(&[&cut, &mismatch]), reason(&[&mismatch, &cut])),
        (undecodable, unresolved),
        "the first decides"
    );
    assert_eq!(
        (reason(&[&many, &long]), reason(&[&long, &many])),
        (Reason::NamespaceTooLong, Reason::NamespaceTooLong)
    );
    assert_eq!(reason(&[&many]), Reason::RequestTooLarge);
}

#[test]
fn case_88_a_namespace_has_a_length() {
    let limits = Limits { max_namespace_bytes: 5, ..Limits::default() };
    let table = MethodTable::temporal();
    let check = |path: &str, message: Vec<u8>| scan(table.find(path), &message, &limits).map(|_| ());
    let long = Err(ScanError::NamespaceTooLong);
    assert_eq!(check(START, field(1, b"12345")), Ok(()));
    assert_eq!(check(START, field(1, b"123456")), long);
    assert_eq!(check(START, field(1, "12\u{e9}\u{e9}".as_bytes())), long);
    assert_eq!(check(START, [field(1, b"123456"), field(1, b"12345")].concat()), Ok(()));
    assert_eq!(check(START, field(1, b"a\nb")), Ok(()));
    assert_eq!(check(oracle::COMMANDS, command(11, &[field(12, &field(1, b"12345"))])), Ok(()));
    assert_eq!(check(oracle::COMMANDS, command(11, &[field(12, &field(1, b"123456"))])), long);
    assert_eq!(ScanError::NamespaceTooLong.reason(), Reason::NamespaceTooLong);
    let ten_kib = [&b"\x0a\x80\x50"[..], &[b'a'; 10 << 10]].concat();
    assert_eq!(found(START, &ten_kib), Err(ScanError::NamespaceTooLong));
}
