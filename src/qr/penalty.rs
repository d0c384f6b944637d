//! How much a masked symbol looks like something that it is not: the penalties of ISO/IEC 18004, 7.8.3.

use super::line::Line;

/// Five equal modules in a line cost this, each further one 1.
const RUN: u32 = 3;
/// A square of four equal modules.
const BLOCK: u32 = 3;
/// What looks like a finder pattern: dark, light, three dark, light, dark, with four light modules before or behind it. The quiet zone
/// counts as light, as a scanner sees it.
const FINDER: u32 = 40;
/// Each full 5 % that the share of dark modules is away from a half.
const IMBALANCE: u32 = 10;

/// The penalty of a symbol, given as its rows and again as its columns, `side` of each.
pub fn penalty<const WORDS: usize>(rows: &[Line<WORDS>], columns: &[Line<WORDS>]) -> u32 {
    let side = rows.len();
    let inside = Inside::of(side);
    let dark: u32 = rows.iter().map(|row| row.count()).sum();
    let lines: u32 = rows.iter().chain(columns).map(|line| inside.line(*line)).sum();
    let blocks: u32 = rows.windows(2).map(|pair| inside.blocks(pair[0], pair[1])).sum();
    lines + BLOCK * blocks + imbalance(dark, side)
}

fn imbalance(dark: u32, side: usize) -> u32 {
    let all = (side * side) as u32;
    IMBALANCE * ((20 * dark).abs_diff(10 * all) / all)
}

/// The places of a line at which a look of some modules ends within it.
struct Inside<const WORDS: usize> {
    modules: Line<WORDS>,
    pairs: Line<WORDS>,
    finders: Line<WORDS>,
}

impl<const WORDS: usize> Inside<WORDS> {
    fn of(side: usize) -> Self {
        Self { modules: Line::first(side), pairs: Line::first(side - 1), finders: Line::first(side - 6) }
    }

    /// Runs and false finder patterns in one line.
    #[inline(always)]
    fn line(&self, line: Line<WORDS>) -> u32 {
        // A run of n ≥ 5 equal modules leaves n - 4 ones here, and costs n - 2: one for each, and two for the first.
        let twice = self.equal_pairs(line) & (self.equal_pairs(line) >> 1);
        let fifth = twice & (twice >> 2);
        let runs = fifth.count() + (RUN - 1) * (fifth & !(fifth << 1)).count();
        let light = !line;
        let finder = line & (light >> 1) & (line >> 2) & (line >> 3) & (line >> 4) & (light >> 5) & (line >> 6);
        let finder = finder & self.finders;
        if finder == Line::LIGHT {
            return runs;
        }
        // Before and behind the line there is only light.
        let dark = line & self.modules;
        let before = (dark << 1) | (dark << 2) | (dark << 3) | (dark << 4);
        let behind = (dark >> 7) | (dark >> 8) | (dark >> 9) | (dark >> 10);
        runs + FINDER * (finder & !(before & behind)).count()
    }

    /// Where a module is equal to the next one.
    #[inline(always)]
    fn equal_pairs(&self, line: Line<WORDS>) -> Line<WORDS> {
        !(line ^ (line >> 1)) & self.pairs
    }

    /// The squares of four equal modules that two neighbouring rows make.
    #[inline(always)]
    fn blocks(&self, above: Line<WORDS>, below: Line<WORDS>) -> u32 {
        (self.equal_pairs(above) & self.equal_pairs(below) & !(above ^ below)).count()
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

    fn line_penalty(modules: &str) -> u32 {
        Inside::of(modules.len()).line(line(modules))
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
