//! The namespace of a request, as a whole decoder finds it.

use prost::Message as _;
use temporalio_protos::temporal::api::workflowservice::v1::{
    RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest,
};

use crate::support::*;

const COMPLETED: &str = "/temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted";

/// A group around `inner`.
fn group(number: u64, inner: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 3), inner.to_vec(), varint(number << 3 | 4)].concat()
}

/// A varint that is padded to so many bytes.
fn padded(value: u8, bytes: usize) -> Vec<u8> {
    let mut varint = vec![value | 128];
    varint.resize(bytes - 1, 128);
    varint.push(0);
    varint
}

#[tokio::test]
async fn the_namespace_that_counts_is_the_one_that_a_decoder_finds() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let token = world.token(&["shop:write"]);
        let (mine, theirs) = (field(1, b"shop"), field(1, b"bank"));
        let unknown =
            [field(900, b"x"), number(901, 7), varint(902 << 3 | 1), vec![0; 8], varint(903 << 3 | 5), vec![0; 4]];
        let unknown = unknown.concat();
        let rows = [
            ("case_079 mine", mine.clone()),
            ("case_079 theirs", theirs.clone()),
            ("case_079 mine, then theirs", [&mine[..], &theirs].concat()),
            ("case_079 theirs, then mine", [&theirs[..], &mine].concat()),
            ("case_079 mine between theirs", [&theirs[..], &mine, &theirs].concat()),
            ("case_079 theirs among unknown fields", [&mine[..], &unknown, &theirs, &unknown].concat()),
            ("case_079 mine among unknown fields", [&unknown[..], &theirs, &unknown, &mine, &unknown].concat()),
            ("case_079 theirs a thousand times, then mine", [&theirs.repeat(1_000)[..], &mine].concat()),
            ("case_079 mine a thousand times, then theirs", [&mine.repeat(1_000)[..], &theirs].concat()),
            ("case_079 mine, then nothing", [&mine[..], &field(1, b"")].concat()),
            ("case_079 nothing, then mine", [&field(1, b"")[..], &mine].concat()),
            ("case_079 theirs in an unknown field", [&mine[..], &field(900, &theirs)].concat()),
            ("case_079 theirs in an unknown group", [&mine[..], &group(900, &theirs)].concat()),
            ("case_079 mine in an unknown group", group(900, &mine)),
            ("case_081 mine behind a padded tag", [padded(0x0a, 5), mine[1..].to_vec()].concat()),
            ("case_081 theirs behind a padded tag", [&mine[..], &padded(0x0a, 5), &theirs[1..]].concat()),
            ("case_081 mine with a padded length", [&[0x0a][..], &padded(4, 10), b"shop"].concat()),
            ("case_081 theirs with a padded length", [&mine[..], &[0x0a], &padded(4, 10), b"bank"].concat()),
            ("case_081 mine behind an unknown group", [group(900, b"\x08\x01"), mine.clone()].concat()),
        ];
        for (row, message) in rows {
            let decoded = StartWorkflowExecutionRequest::decode(&message[..]).expect(row);
            let call = Call::start("").token(&token).message(&message);
            if decoded.namespace == "shop" {
                assert_eq!(world.served(row, &call).await.body, framed(0, &message), "{row}");
            } else {
                world.refused(row, &call, denied("insufficient_role")).await;
            }
        }
    }
}

#[tokio::test]
async fn the_namespace_has_its_own_number_in_each_message() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let token = world.token(&["shop:write"]);
        let low = denied("insufficient_role");
        let rows = [
            ("case_080 mine in the task token", field(1, b"shop"), false),
            (
                "case_080 mine in the task token, theirs at its place",
                [field(1, b"shop"), field(9, b"bank")].concat(),
                false,
            ),
            (
                "case_080 theirs in the task token, mine at its place",
                [field(1, b"bank"), field(9, b"shop")].concat(),
                true,
            ),
            ("case_080 a token that is a message", [field(1, &field(9, b"shop")), field(9, b"bank")].concat(), false),
            ("case_080 mine as the identity", [field(3, b"shop"), field(9, b"bank")].concat(), false),
        ];
        for (row, message, mine) in rows {
            let decoded = RespondWorkflowTaskCompletedRequest::decode(&message[..]).unwrap();
            assert_eq!(decoded.namespace == "shop", mine, "{row}");
            let call = Call::to(COMPLETED).token(&token).message(&message);
            if mine {
                world.served(row, &call).await;
            } else {
                world.refused(row, &call, low).await;
            }
        }
    }
}

#[tokio::test]
async fn what_does_not_decode_is_refused() {
    let deep = |depth: usize| (0..depth).fold(Vec::new(), |inner, _| group(900, &inner));
    let mine = field(1, b"shop");
    let and = |bytes: &[u8]| [&mine[..], bytes].concat();
    let mismatch = denied("unresolved_namespace");
    let rows = [
        ("case_081 a number", and(&number(1, 7)), mismatch),
        ("case_081 a number alone", number(1, 7), mismatch),
        ("case_081 four bytes", and(&[0x0d, 1, 2, 3, 4]), mismatch),
        ("case_081 eight bytes", and(&[0x09, 1, 2, 3, 4, 5, 6, 7, 8]), mismatch),
        ("case_081 a group", and(&group(1, b"")), mismatch),
        ("case_081 a number, then mine", [number(1, 7), mine.clone()].concat(), mismatch),
        ("case_081 a tag of eleven bytes", and(&[&padded(0x0a, 11)[..], b"\x04shop"].concat()), UNDECODABLE),
        ("case_081 a length of eleven bytes", and(&[&[0x0a][..], &padded(4, 11), b"shop"].concat()), UNDECODABLE),
        ("case_081 a tag without an end", and(&[0x80; 10]), UNDECODABLE),
        ("case_081 a length past the end", and(b"\x0a\x05shop"), UNDECODABLE),
        ("case_081 a length of 2^63", and(b"\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), UNDECODABLE),
        ("case_081 a tag alone", and(b"\x0a"), UNDECODABLE),
        ("case_081 invalid UTF-8", and(b"\x0a\x02\xc3\x28"), UNDECODABLE),
        ("case_081 invalid UTF-8, then mine", [&b"\x0a\x01\xff"[..], &mine].concat(), UNDECODABLE),
        ("case_081 a surrogate", and(b"\x0a\x03\xed\xa0\x80"), UNDECODABLE),
        ("case_081 field 0", and(b"\x02\x04bank"), UNDECODABLE),
        ("case_081 field 2^29", and(&[&varint(1 << 32 | 2)[..], b"\x00"].concat()), UNDECODABLE),
        ("case_081 type 6", and(b"\x0e\x00"), UNDECODABLE),
        ("case_081 type 7", and(b"\x0f\x00"), UNDECODABLE),
        ("case_081 an end without a group", and(&varint(900 << 3 | 4)), UNDECODABLE),
        ("case_081 a group without an end", and(&varint(900 << 3 | 3)), UNDECODABLE),
        ("case_081 the end of another group", and(&[varint(900 << 3 | 3), varint(901 << 3 | 4)].concat()), UNDECODABLE),
        ("case_081 groups 101 deep", and(&deep(101)), UNDECODABLE),
        ("case_081 groups a hundred thousand deep", and(&[0x5b; 100_000]), UNDECODABLE),
        ("case_081 text", b"{\"namespace\":\"shop\"}".to_vec(), UNDECODABLE),
    ];
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let token = world.token(&["shop:write", "temporal-system:admin"]);
        for (row, message, expected) in &rows {
            // A mismatch is nobody's namespace; who may do everything may send that too, as it decodes nowhere.
            world.refused(row, &Call::start("").token(&token).message(message), *expected).await;
        }
        world.served("case_081 groups 50 deep", &Call::start("").token(&token).message(&and(&deep(50)))).await;
    }
}

#[tokio::test]
async fn a_namespace_is_short_and_shown_on_one_line() {
    for profile in Profile::BOTH {
        let world = World::start(profile).await;
        let (longest, long) = ("n".repeat(1_000), "n".repeat(1_001));
        let token = world.token(&["shop:write", &format!("{longest}:write"), &format!("{long}:write")]);
        let call = |namespace: &str| Call::start(namespace).token(&token);
        let too_long = always(3, "namespace_too_long");
        world.served("case_088 1,000 bytes", &call(&longest)).await;
        world.refused("case_088 1,001 bytes", &call(&long), too_long).await;
        world.refused("case_088 10 KiB", &call(&"n".repeat(10_240)), too_long).await;
        world.refused("case_088 200 KB", &call(&"n".repeat(200_000)), too_long).await;
        let low = denied("insufficient_role");
        let before = world.log.len();
        world.refused("case_088 a line of its own", &call("shop\n2026-01-01T00:00:00Z INFO allowed"), low).await;
        let log = world.log.since(before).join("\n");
        assert!(log.contains(r"namespace=shop\n2026-01-01T00:00:00Z INFO allowed"), "{log}");
        assert!(!log.contains("\n2026-01-01T00:00:00Z"), "{log}");
        for index in 0..200 {
            world.refused("case_088 another each time", &call(&format!("random-{index}")), low).await;
        }
        // A caller without any role is not read at all, however long the name.
        let nobody = world.token(&[]);
        world.refused("case_088 10 KiB of nobody", &Call::start(&"n".repeat(10_240)).token(&nobody), low).await;
    }
}
