//! A plaintext listener: who gets through, and with what.

use super::{
    caller::{Caller, finish, request},
    calls::{UNAUTHORIZED, alice, issuer, naming, token, with_header, with_token, workflow},
    running::{Config, Directory, Gateway, arguments},
    upstream::{Manner, Upstream},
};

#[tokio::test]
async fn roles_decide_and_a_denied_call_never_arrives() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Answer).await);
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), upstream.addr)).await;
    let caller = Caller::new(gateway.addr).await;
    let rows: [(&[&str], _, _, _); 16] = [
        (&[], "GetSystemInfo", "", "0"),
        (&[], "DescribeNamespace", "default", "7"),
        (&["default:read"], "DescribeNamespace", "default", "0"),
        (&["default:read"], "StartWorkflowExecution", "default", "7"),
        (&["default:write"], "StartWorkflowExecution", "default", "0"),
        (&["default:write"], "StartWorkflowExecution", "payments", "7"),
        (&["default:write"], "StartWorkflowExecution", "", "7"),
        (&["default:worker"], "PollWorkflowTaskQueue", "default", "7"),
        (&["default:write"], "PollWorkflowTaskQueue", "default", "0"),
        (&["default:admin"], "RegisterNamespace", "default", "0"),
        (&["default:admin"], "ListNamespaces", "", "7"),
        (&["temporal-system:read"], "ListNamespaces", "", "0"),
        (&["temporal-system:admin"], "RegisterNamespace", "default", "0"),
        (&["temporal-system:write"], "RegisterNamespace", "default", "7"),
        (&["temporal-system:admin"], "NoSuchMethod", "default", "7"),
        (&["default:read", "payments:write"], "StartWorkflowExecution", "payments", "0"),
    ];
    for (permissions, method, namespace, expected) in rows {
        let token = if permissions.is_empty() { String::new() } else { token(&issuer, permissions) };
        let before = upstream.calls().len();
        let answer = caller.temporal(method, naming(namespace), &token).await;
        let row = format!("{permissions:?} {method} {namespace}");
        assert_eq!((answer.http, answer.status()), (200, expected), "{row}");
        assert_eq!(upstream.calls().len() - before, usize::from(expected == "0"), "{row}");
        if expected == "7" {
            assert_eq!(answer.text(), UNAUTHORIZED, "{row}");
        }
    }
    let bad = [issuer.wrong_signature_token(&alice(&["default:read"])).unwrap(), "nonsense".to_owned()];
    let before = upstream.calls().len();
    for token in bad {
        assert_eq!(caller.describe("default", &token).await, "7");
    }
    assert_eq!(upstream.calls().len(), before);
}

#[tokio::test]
async fn the_upstream_sees_the_credentials_and_names_that_the_operator_chose_and_no_others() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Answer).await);
    let files = Directory::new();
    let own = files.write("token", "gateways-own\n");
    let dynamic = files.write("dynamic.yaml", "frontend.enablePrincipalPropagation: [{ value: true }]\n");
    let named = format!("dynamicConfigClient: {{ filepath: '{dynamic}', pollInterval: 5s }}\n");
    let credential = format!("credential: {{ tokenFile: '{own}' }}");
    let both = format!("forwardAuthorization: true, {credential}");
    let callers = format!("Bearer {}", token(&issuer, &["default:read"]));
    // Upstream's keys and further sections; the token, the extras, the principal's kind and name.
    let rows = [
        ("", "", [None, None, None, None]),
        ("forwardAuthorization: true", "", [Some(callers.as_str()), Some("more"), None, None]),
        (&credential, "", [Some("Bearer gateways-own"), None, None, None]),
        (&both, "", [Some("Bearer gateways-own"), Some("more"), None, None]),
        ("", &named, [None, None, Some("jwt"), Some("alice")]),
    ];
    for (towards_upstream, more, expected) in rows {
        let config = Config { towards_upstream, more, ..Config::new(issuer.jwks_uri(), upstream.addr) };
        let gateway = Gateway::start(&config).await;
        let mut call = request(&workflow("DescribeNamespace"), naming("default"));
        for (name, value) in [
            ("authorization", callers.as_str()),
            ("authorization-extras", "more"),
            ("temporal-principal-type", "forged"),
            ("temporal-principal-name", "forged"),
            ("temporal-principal-name", "forged again"),
            ("client-name", "temporal-go"),
        ] {
            call = with_header(call, name, value);
        }
        let answer = finish(Caller::new(gateway.addr).await.open(call).await.unwrap()).await;
        assert_eq!(answer.status(), "0", "{towards_upstream}");
        let arrived = upstream.only_call();
        let names = ["authorization", "authorization-extras", "temporal-principal-type", "temporal-principal-name"];
        let found = names.map(|name| {
            let values: Vec<_> = arrived.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
            assert!(values.len() < 2, "{name}: {values:?}");
            values.first().copied()
        });
        assert_eq!(found, expected, "{towards_upstream} {more}");
        assert_eq!(arrived.headers["client-name"], "temporal-go");
        assert_eq!(arrived.body, naming("default"));
    }
}

#[tokio::test]
async fn a_credential_header_that_stands_twice_is_refused() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Answer).await);
    let gateway = Gateway::start(&Config::new(issuer.jwks_uri(), upstream.addr)).await;
    let good = token(&issuer, &["default:read"]);
    let call = with_token(with_token(request(&workflow("DescribeNamespace"), naming("default")), &good), &good);
    let answer = finish(Caller::new(gateway.addr).await.open(call).await.unwrap()).await;
    assert_eq!(answer.status(), "7");
    assert!(upstream.calls().is_empty());
}

#[tokio::test]
async fn the_flags_win_over_the_file() {
    let (issuer, upstream) = (issuer().await, Upstream::start(Manner::Answer).await);
    let nowhere = "127.0.0.1:1".parse().unwrap();
    // Both addresses of the file are of no use.
    let yaml = Config::new(issuer.jwks_uri(), nowhere).yaml().replace("gateway:", "gateway:\n  listen: 192.0.2.1:7233");
    let directory = Directory::new();
    let mut arguments = arguments(&directory, &yaml);
    arguments.upstream = Some(format!("http://{}", upstream.addr));
    let gateway = Gateway::run(arguments, directory).await;
    let caller = Caller::new(gateway.addr).await;
    assert_eq!(caller.describe("default", &token(&issuer, &["default:read"])).await, "0");
}
