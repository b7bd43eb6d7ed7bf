//! Every case is tested, or is said not to be built.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use attacks::NOT_BUILT;

/// The numbers behind `case_` in the sources below this folder.
fn named_in(folder: &Path, found: &mut BTreeSet<u8>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let numbers = text.split("case_").skip(1).filter_map(|rest| rest.get(..3)?.parse::<u8>().ok());
            found.extend(numbers);
        }
    }
}

#[test]
fn every_case_is_tested_or_not_built() {
    let mut tested = BTreeSet::new();
    named_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut tested);
    let not_built: BTreeSet<u8> = NOT_BUILT.iter().map(|(number, _)| *number).collect();
    let missing: Vec<u8> = (1..=110).filter(|number| !tested.contains(number) && !not_built.contains(number)).collect();
    assert_eq!(missing, Vec::<u8>::new(), "neither tested nor in NOT_BUILT");
    let both: Vec<&u8> = tested.intersection(&not_built).collect();
    assert_eq!(both, Vec::<&u8>::new(), "tested, and in NOT_BUILT");
}
