//! How much a masked symbol looks like something that it is not: the penalties of ISO/IEC 18004, 7.8.3.

use std::array::from_fn;

use super::line::Line;
use super::pair::Pair;

/// Five equal modules in a line cost 3, each further one 1: as much as the run has modules, less two.
const RUN: u64 = 1;
/// A square of four equal modules.
const BLOCK: u64 = 3;
/// What looks like a finder pattern: dark, light, three dark, light, dark, with four light modules before or behind it. The quiet zone
/// counts as light, as a scanner sees it.
const FINDER: u64 = 40;
/// Each full 5 % that the share of dark modules is away from a half.
const IMBALANCE: u64 = 10;

/// The penalties of a symbol under two masks, given as its rows and again as its columns, equally many of each.
pub fn penalties<const WORDS: usize>(rows: &[Pair<WORDS>], columns: &[Pair<WORDS>]) -> [u64; 2] {
    let side = rows.len();
    let fives = Pair::same(Line::first(side - 4));
    let fours = Pair::same(Line::first(side - 1));
    let mut found = Tally([0; 2]);
    for lines in [rows, columns] {
        found.add(RUN, lines.len(), |at| runs(lines[at], fives));
        found.add(FINDER, lines.len(), |at| finders(lines[at]));
    }
    found.add(BLOCK, side - 1, |at| blocks(rows[at], rows[at + 1], fours));
    let mut dark = Tally([0; 2]);
    dark.add(1, side, |at| rows[at]);
    from_fn(|mask| found.0[mask] + imbalance(dark.0[mask], side))
}

fn imbalance(dark: u64, side: usize) -> u64 {
    let all = (side * side) as u64;
    IMBALANCE * ((20 * dark).abs_diff(10 * all) / all)
}

/// As many modules as the runs of at least five equal ones cost, where `fives` are the places at which five begin.
#[inline(always)]
fn runs<const WORDS: usize>(line: Pair<WORDS>, fives: Pair<WORDS>) -> Pair<WORDS> {
    let change = line ^ line >> 1;
    let twice = change | change >> 1;
    // A run of n ≥ 5 begins n - 4 times with five equal ones; with the two places behind that makes n - 2.
    let five = fives & !(twice | twice >> 2);
    five | five << 1 | five << 2
}

/// Where what looks like a finder pattern begins. Before and behind the line there is only light.
#[inline(always)]
fn finders<const WORDS: usize>(line: Pair<WORDS>) -> Pair<WORDS> {
    let dark_light_dark = line & !(line >> 1) & line >> 2;
    let finder = dark_light_dark & line >> 3 & dark_light_dark >> 4;
    // Where one of the four modules up to this one is dark, also behind the end.
    let two = line | line << 1;
    let four = two | two << 2;
    finder & !(four << 1 & four >> 10)
}

/// Where four equal modules begin, in this row and the next, within all `places` for that.
#[inline(always)]
fn blocks<const WORDS: usize>(row: Pair<WORDS>, next: Pair<WORDS>, places: Pair<WORDS>) -> Pair<WORDS> {
    places & !(row ^ row >> 1 | next ^ next >> 1 | row ^ next)
}

/// Counts modules of many lines, eight lines at a time: their ones are added up in every place at once, as by a full adder of wires,
/// so that of eight lines only one is counted.
struct Tally([u64; 2]);

impl Tally {
    /// Adds `weight` for each dark module of so many lines.
    #[inline(always)]
    fn add<const WORDS: usize>(&mut self, weight: u64, lines: usize, line: impl Fn(usize) -> Pair<WORDS>) {
        let light = Pair::same(Line::LIGHT);
        let (mut ones, mut twos, mut fours) = (light, light, light);
        let mut count = |weight: u64, line: Pair<WORDS>| {
            let [one, other] = line.count();
            self.0[0] += weight * one;
            self.0[1] += weight * other;
        };
        let mut first = 0;
        while first + 8 <= lines {
            let (sum, two) = added(ones, line(first), line(first + 1));
            let (sum, other_two) = added(sum, line(first + 2), line(first + 3));
            let (twice, four) = added(twos, two, other_two);
            let (sum, two) = added(sum, line(first + 4), line(first + 5));
            let (sum, other_two) = added(sum, line(first + 6), line(first + 7));
            let (twice, other_four) = added(twice, two, other_two);
            let (four_times, eight) = added(fours, four, other_four);
            (ones, twos, fours) = (sum, twice, four_times);
            count(8 * weight, eight);
            first += 8;
        }
        for at in first..lines {
            count(weight, line(at));
        }
        count(weight, ones);
        count(2 * weight, twos);
        count(4 * weight, fours);
    }
}

/// The sum of three in each place: its lower and its higher digit.
#[inline(always)]
fn added<const WORDS: usize>(one: Pair<WORDS>, two: Pair<WORDS>, three: Pair<WORDS>) -> (Pair<WORDS>, Pair<WORDS>) {
    let half = one ^ two;
    (half ^ three, one & two | half & three)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The penalty of a line that only the second mask gives, beside an empty one.
    fn line_penalty(modules: &str) -> u64 {
        let mut line = Line::<1>::LIGHT;
        modules.char_indices().for_each(|(at, module)| line.darken(at, (module == '#').into()));
        let lines = Pair::of(Line::LIGHT, line);
        let runs = runs(lines, Pair::same(Line::first(modules.len() - 4))).count();
        let finders = finders(lines).count();
        assert_eq!((runs[0], finders[0]), (modules.len() as u64 - 2, 0));
        RUN * runs[1] + FINDER * finders[1]
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
