//! How much a masked symbol looks like something that it is not: the penalties of ISO/IEC 18004, 7.8.3.

use std::array::from_fn;

use super::eight::Eight;
use super::line::Line;

/// Five equal modules in a line cost this, each further one 1.
const RUN: u64 = 3;
/// A square of four equal modules.
const BLOCK: u64 = 3;
/// What looks like a finder pattern: dark, light, three dark, light, dark, with four light modules before or behind it. The quiet zone
/// counts as light, as a scanner sees it.
const FINDER: u64 = 40;
/// Each full 5 % that the share of dark modules is away from a half.
const IMBALANCE: u64 = 10;

/// The penalties of a symbol under the eight masks, given as its rows and again as its columns, equally many of each.
pub fn penalties<const WORDS: usize>(rows: &[Eight<WORDS>], columns: &[Eight<WORDS>]) -> [u64; 8] {
    let inside = Inside::of(rows.len());
    let mut dark = [0; 8];
    let mut found = [0; 8];
    let mut above: Option<(Eight<WORDS>, Eight<WORDS>)> = None;
    for row in rows {
        add(&mut dark, 1, row.count());
        let pairs = inside.equal_pairs(*row);
        inside.line(*row, pairs, &mut found);
        if let Some((above, pairs_above)) = above {
            // A square of four: a pair above a pair, equal to it.
            add(&mut found, BLOCK, (pairs_above & pairs & !(above ^ *row)).count());
        }
        above = Some((*row, pairs));
    }
    for column in columns {
        inside.line(*column, inside.equal_pairs(*column), &mut found);
    }
    from_fn(|mask| found[mask] + imbalance(dark[mask], rows.len()))
}

#[inline(always)]
fn add(sums: &mut [u64; 8], weight: u64, counts: [u64; 8]) {
    *sums = from_fn(|mask| sums[mask] + weight * counts[mask]);
}

fn imbalance(dark: u64, side: usize) -> u64 {
    let all = (side * side) as u64;
    IMBALANCE * ((20 * dark).abs_diff(10 * all) / all)
}

/// The places of a line at which a look of some modules ends within it.
struct Inside<const WORDS: usize> {
    modules: Eight<WORDS>,
    pairs: Eight<WORDS>,
    finders: Eight<WORDS>,
}

impl<const WORDS: usize> Inside<WORDS> {
    fn of(side: usize) -> Self {
        let first = |modules| Eight::same(Line::first(modules));
        Self { modules: first(side), pairs: first(side - 1), finders: first(side - 6) }
    }

    /// Runs and false finder patterns in one line with these equal pairs.
    #[inline(always)]
    fn line(&self, line: Eight<WORDS>, pairs: Eight<WORDS>, found: &mut [u64; 8]) {
        // A run of n ≥ 5 equal modules leaves n - 4 ones here, and costs n - 2: one for each, and two for the first.
        let twice = pairs & (pairs >> 1);
        let fifth = twice & (twice >> 2);
        add(found, 1, fifth.count());
        add(found, RUN - 1, (fifth & !(fifth << 1)).count());
        let dark_light_dark = line & !(line >> 1) & (line >> 2);
        let finder = dark_light_dark & (line >> 3) & (dark_light_dark >> 4) & self.finders;
        if !finder.is_light() {
            add(found, FINDER, self.parted(finder, line).count());
        }
    }

    /// Those of the finder patterns that begin here which have four light modules before or behind them.
    fn parted(&self, finder: Eight<WORDS>, line: Eight<WORDS>) -> Eight<WORDS> {
        // Before and behind the line there is only light.
        let dark = line & self.modules;
        let before = (dark << 1) | (dark << 2) | (dark << 3) | (dark << 4);
        let behind = (dark >> 7) | (dark >> 8) | (dark >> 9) | (dark >> 10);
        finder & !(before & behind)
    }

    /// Where a module is equal to the next one.
    #[inline(always)]
    fn equal_pairs(&self, line: Eight<WORDS>) -> Eight<WORDS> {
        !(line ^ (line >> 1)) & self.pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(modules: &str) -> Line<1> {
        modules.chars().enumerate().fold(Line::LIGHT, |mut line, (at, module)| {
            line.darken(at, u64::from(module == '#'));
            line
        })
    }

    /// The penalty of a line that only the fifth mask gives, beside empty ones.
    fn line_penalty(modules: &str) -> u64 {
        let inside = Inside::of(modules.len());
        let [word] = line(modules).words();
        let lines = Eight::new([[0, 0, 0, 0, word, 0, 0, 0]]);
        let mut found = [0; 8];
        inside.line(lines, inside.equal_pairs(lines), &mut found);
        let empty = modules.len() as u64 - 2;
        assert_eq!(
            found.map(|penalty| penalty == empty),
            [true, true, true, true, found[4] == empty, true, true, true]
        );
        found[4]
    }

    #[test]
    fn runs_from_five_on_cost_three_and_one_for_each_further_module() {
        for (modules, expected) in [
            ("####.#.#.#.#.#.#.#.#.", 0),
            ("#####.#.#.#.#.#.#.#.#", 3),
            ("######.#.#.#.#.#.#.#.", 4),
            (".#.#.#.#.#.#.#.######", 4),
            (".....#####.#.#.#.#.#.", 6),
            ("#####################", 19),
        ] {
            assert_eq!(line_penalty(modules), expected, "{modules}");
        }
    }

    #[test]
    fn a_false_finder_pattern_counts_once_and_needs_four_light_modules_on_one_side() {
        for (modules, expected) in [
            ("#.#....#.###.#.##.##.", 40),
            ("#.##.#.###.#....#.##.", 40),
            ("#.....#.###.#....#.#.", 43),
            ("##.#...#.###.#...#.##", 0),
            // Beyond the edge there is only light.
            ("#.###.#.##.##.##.##.#", 40),
            (".##.##.##.##.#.###.#.", 40),
        ] {
            assert_eq!(line_penalty(modules), expected, "{modules}");
        }
    }

    #[test]
    fn the_balance_costs_ten_for_each_full_five_percent() {
        // 441 modules: 220.5 are a half, 22.05 are 5 %.
        for (dark, expected) in
            [(220, 0), (242, 0), (243, 10), (198, 10), (199, 0), (264, 10), (265, 20), (0, 100), (441, 100)]
        {
            assert_eq!(imbalance(dark, 21), expected, "{dark}");
        }
    }
}
