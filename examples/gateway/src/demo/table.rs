//! What the demo prints.

use std::io::{self, Write};

use super::{
    callers::{Outcome, Verdict},
    world::World,
};

const HEADINGS: [&str; 5] = ["caller", "call", "namespace", "verdict", "reason"];

/// One line a call, in columns; verdicts in colour on a terminal. A wrong verdict says so.
pub(super) fn write(out: &mut dyn Write, outcomes: &[Outcome], colour: bool) -> io::Result<()> {
    let rows: Vec<[String; 5]> = outcomes.iter().map(row).collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    line(out, &HEADINGS.map(str::to_owned), &widths, "")?;
    for row in &rows {
        let code = match row {
            [_, _, _, verdict, _] if !colour || verdict.is_empty() => "",
            [_, _, _, verdict, _] if verdict == "allow" => "\x1b[32m",
            _ => "\x1b[31m",
        };
        line(out, row, &widths, code)?;
    }
    Ok(())
}

fn row(outcome: &Outcome) -> [String; 5] {
    let (verdict, reason) = match &outcome.verdict {
        Verdict::Allow => ("allow", String::new()),
        Verdict::Deny(reason) => ("deny", reason.clone()),
    };
    let reason = if outcome.is_right() { reason } else { format!("WRONG {reason}") };
    let call = &outcome.call;
    [call.caller, call.method, call.namespace, verdict, &reason].map(str::to_owned)
}

fn line(out: &mut dyn Write, cells: &[String; 5], widths: &[usize; 5], code: &str) -> io::Result<()> {
    let [caller, call, namespace, verdict, reason] = cells;
    let [a, b, c, d, _] = *widths;
    let reset = if code.is_empty() { "" } else { "\x1b[0m" };
    let text = format!("{caller:a$}  {call:b$}  {namespace:c$}  {code}{verdict:d$}{reset}  {reason}");
    writeln!(out, "{}", text.trim_end())
}

/// How to go on: where everything is, a token for each role, and commands to try.
pub(super) fn write_invitation(out: &mut dyn Write, world: &World) -> anyhow::Result<()> {
    world.pki.write_to(&world.certificates)?;
    let address = world.plaintext;
    let directory = world.certificates.display();
    writeln!(out, "\nServing. Plaintext at {address}, with client certificates at {}.", world.mutual_tls)?;
    writeln!(out, "Certificates are in {directory}, keys of the issuer at {}.", world.issuer.jwks_uri())?;
    writeln!(out, "\nTokens of an hour, for namespace `default`:\n")?;
    for role in ["read", "write", "worker", "admin"] {
        let permission = format!("default:{role}");
        writeln!(out, "{}={}\n", role.to_ascii_uppercase(), world.token(role, &[&permission])?)?;
    }
    writeln!(out, "SYSTEM={}\n", world.token("system", &["temporal-system:admin"])?)?;
    writeln!(
        out,
        "Try one (grpcurl needs the descriptors: temporal-gateway protoset -o temporal.binpb):

  temporal workflow list --address {address} --namespace default --tls=false --grpc-meta authorization=\"Bearer $READ\"

  grpcurl -plaintext -protoset temporal.binpb -H \"authorization: Bearer $READ\" \\
    -d '{{\"namespace\": \"default\"}}' {address} temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace

  python3 -c 'import asyncio, sys; from temporalio.client import Client
async def main():
    client = await Client.connect(\"{address}\", rpc_metadata={{\"authorization\": \"Bearer \" + sys.argv[1]}})
    async for workflow in client.list_workflows(): print(workflow.id, workflow.status)
asyncio.run(main())' \"$READ\"

Ctrl-C ends it."
    )?;
    Ok(())
}
