//! How large parties are, as a restaurant saw them.

use rand::RngExt;
use rand::rngs::StdRng;
use std::path::Path;

/// Parties of 1, 2 … 6 of the 244 that Bryant & Smith (1995) recorded; `shared/data/restaurant/tips_party_sizes.csv`
/// beside the checkout holds them.
const PARTIES_OF: [u32; 6] = [4, 156, 38, 37, 5, 4];

/// A size as likely as it was recorded.
pub fn draw(random: &mut StdRng) -> i64 {
    let mut place = random.random_range(0..PARTIES_OF.iter().sum::<u32>());
    for (size, parties) in (1..).zip(PARTIES_OF) {
        match place.checked_sub(parties) {
            Some(rest) => place = rest,
            None => return size,
        }
    }
    unreachable!("every place is one of the parties")
}

#[test]
fn the_figures_are_those_of_the_data() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = |folder: &Path| folder.join("shared/data/restaurant/tips_party_sizes.csv");
    let Some(path) = checkout.ancestors().map(file).find(|path| path.exists()) else {
        println!("skipped: no shared/data/restaurant/tips_party_sizes.csv in or above {}", checkout.display());
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let column = lines.next().unwrap().iter().position(|name| *name == "party_size").unwrap();
    let mut counted = [0; PARTIES_OF.len()];
    for line in lines {
        counted[line[column].parse::<usize>().unwrap() - 1] += 1;
    }
    assert_eq!(counted, PARTIES_OF);
}
