//! From episodes to a report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mledojo_catalog::{Catalog, Medal, Spec};

use crate::checks::{Climbing, EpisodeChecks, Inspector, Subject};
use crate::episode_id::Player;
use crate::report::category::categories;
use crate::report::compare::{Comparison, Task};
use crate::report::entry::Entry;
use crate::report::failures::Tally;
use crate::report::figures::{
    CategoryHead, CheckRow, CompetitionRow, CompetitionScore, EpisodeRow, Figures, Medals, PlayerReport, Report,
    StepCurve, Time,
};
use crate::report::mle_bench::{Boards, seeds_of};
use crate::report::options::{ReportError, ReportOptions};
use crate::report::source::Source;
use crate::statistics::{OverSeeds, interquartile_mean, mean, medal_rates};

/// The agent whose scores are the baselines of MLGym's AUP.
const BASELINE: &str = "baseline";

impl Report {
    /// Reads the finished episodes of a run folder, or of a folder of episodes, or one episode, and reports on them.
    ///
    /// # Errors
    /// A folder that holds none of these, episodes that can't be read, or a competition that the catalog doesn't have.
    pub fn read(folder: &Path, catalog: &Catalog, options: &ReportOptions) -> Result<Self, ReportError> {
        let world = World::read(folder, catalog)?;
        let checks = if options.without_checks { None } else { Some(world.inspect(catalog, options)?) };
        let name = folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        Ok(world.report(name.unwrap_or_else(|| folder.display().to_string()), checks, options))
    }
}

/// All finished episodes, in the order of a report.
pub(crate) struct World {
    pub(crate) players: Vec<Player>,
    categories: Vec<String>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) entries: Vec<Entry>,
    /// The player of each entry.
    pub(crate) player_of: Vec<usize>,
    specs: BTreeMap<String, Spec>,
    pub(crate) boards: Boards,
    unfinished: Vec<String>,
}

impl World {
    pub(crate) fn read(folder: &Path, catalog: &Catalog) -> Result<Self, ReportError> {
        let Source { finished, unfinished } = Source::read(folder)?;
        if finished.is_empty() {
            return Err(ReportError::NothingFinished { folder: folder.to_owned(), begun: unfinished.len() });
        }
        let mut entries = finished.into_iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
        let slugs: BTreeSet<&String> = entries.iter().map(|entry| &entry.finished.outcome.competition).collect();
        let mut specs = BTreeMap::new();
        let mut boards = Boards::default();
        for slug in slugs {
            let competition = catalog.get(slug)?;
            boards.add(&competition);
            specs.insert(slug.clone(), competition.spec);
        }
        let (category_names, category_of) = categories(catalog, &specs)?;
        let players = ranked(&entries);
        let place = |entry: &Entry| {
            let outcome = &entry.finished.outcome;
            let player = players.iter().position(|player| *player == outcome.player()).unwrap_or_default();
            (player, category_of[&outcome.competition])
        };
        entries.sort_by_cached_key(|entry| {
            let outcome = &entry.finished.outcome;
            (place(entry), outcome.competition.clone(), outcome.seed, entry.finished.id.clone())
        });
        let player_of: Vec<usize> = entries.iter().map(|entry| place(entry).0).collect();
        let mut slugs: Vec<(usize, &String)> = category_of.iter().map(|(slug, category)| (*category, slug)).collect();
        slugs.sort();
        let tasks = slugs.into_iter().map(|(category, slug)| {
            let of = |player: usize| {
                let is_of =
                    |&index: &usize| player_of[index] == player && entries[index].finished.outcome.competition == *slug;
                (0..entries.len()).filter(is_of).collect()
            };
            Task {
                competition: slug.clone(),
                category,
                direction: specs[slug].metric.direction,
                by_player: (0..players.len()).map(of).collect(),
            }
        });
        let tasks = tasks.collect();
        Ok(Self { players, categories: category_names, tasks, entries, player_of, specs, boards, unfinished })
    }

    fn inspect(&self, catalog: &Catalog, options: &ReportOptions) -> Result<Vec<EpisodeChecks>, ReportError> {
        let subject = |(index, entry): (usize, &Entry)| Subject {
            id: entry.finished.id.clone(),
            agent: self.players[self.player_of[index]].to_string(),
            directory: entry.finished.directory.clone(),
        };
        let subjects: Vec<Subject> = self.entries.iter().enumerate().map(subject).collect();
        let inspector = Inspector::new(catalog);
        let inspector = match &options.known {
            Some(known) => inspector.with_known(known),
            None => inspector,
        };
        Ok(inspector.inspect(&subjects)?)
    }

    fn report(self, title: String, checks: Option<Vec<EpisodeChecks>>, options: &ReportOptions) -> Report {
        let baseline = self.players.iter().position(|player| player.agent == BASELINE && player.model.is_none());
        let compare = |category: Option<usize>| {
            let tasks = self.tasks.iter().filter(|task| category.is_none_or(|category| task.category == category));
            Comparison::of(tasks, &self.entries, self.players.len(), baseline, options)
        };
        let overall = compare(None);
        let by_category: Vec<Comparison> = (0..self.categories.len()).map(|category| compare(Some(category))).collect();
        let (checked, checks) = (checks.is_some(), checks.unwrap_or_default());
        let climbing = |player: usize| {
            let of_player = checks.iter().zip(&self.player_of).filter(|(_, of)| **of == player);
            mean(&of_player.filter_map(|(checks, _)| Some(checks.climbing?.index)).collect::<Vec<_>>())
        };
        let players = (0..self.players.len()).filter_map(|player| {
            let overall = self.figures(player, None, &overall, options)?;
            let of_category = |(category, comparison)| self.figures(player, Some(category), comparison, options);
            let of_categories = by_category.iter().enumerate().map(of_category).collect();
            Some(self.player(player, overall, of_categories, climbing(player), options))
        });
        let players: Vec<PlayerReport> = players.collect();
        let head = |(category, name): (usize, &String)| CategoryHead {
            name: name.clone(),
            competitions: self.tasks.iter().filter(|task| task.category == category).count(),
        };
        Report {
            title,
            version: env!("CARGO_PKG_VERSION"),
            over_seeds: options.over_seeds,
            bootstrap: options.bootstrap,
            elo: options.elo,
            judging: self.judging(),
            categories: self.categories.iter().enumerate().map(head).collect(),
            players,
            wins: overall.wins,
            profiles: overall.profiles,
            baseline: baseline.map(|player| self.players[player].to_string()),
            competitions: self.tasks.iter().map(|task| self.competition(task, options)).collect(),
            episodes: (0..self.entries.len()).map(|index| self.episode(index, checks.get(index))).collect(),
            checked,
            checks: check_rows(&checks),
            unfinished: self.unfinished.clone(),
        }
    }

    /// All that is said of a player.
    fn player(
        &self,
        player: usize,
        overall: Figures,
        categories: Vec<Option<Figures>>,
        climbing: Option<f64>,
        options: &ReportOptions,
    ) -> PlayerReport {
        let own: Vec<&Entry> = self.of_player(player).collect();
        let mut actions = BTreeMap::new();
        let mut ended = BTreeMap::new();
        let mut failures = Tally::default();
        for entry in &own {
            for (action, count) in &entry.actions {
                *actions.entry(action.clone()).or_default() += count;
            }
            *ended.entry(entry.finished.outcome.ended.name().to_owned()).or_default() += 1;
            failures.add(&entry.failures);
        }
        let failures = failures.finish();
        let seeds = seeds_of(self, player);
        let seeds: Vec<_> = seeds.into_values().collect();
        let Player { agent, model } = self.players[player].clone();
        PlayerReport {
            name: self.players[player].to_string(),
            agent,
            model,
            overall,
            categories,
            mle_bench: medal_rates(&seeds, self.tasks.len(), true),
            by_step: self.curve(player, options, |entry| &entry.by_step),
            by_code_step: self.curve(player, options, |entry| &entry.by_code_step),
            actions,
            failure_rate: failures.rate(),
            failures,
            ended,
            climbing,
        }
    }

    fn of_player(&self, player: usize) -> impl Iterator<Item = &Entry> {
        self.entries.iter().zip(&self.player_of).filter(move |(_, of)| **of == player).map(|(entry, _)| entry)
    }

    /// A player's figures over all competitions, or over a category's; `None` where it played none of them.
    fn figures(
        &self,
        player: usize,
        category: Option<usize>,
        comparison: &Comparison,
        options: &ReportOptions,
    ) -> Option<Figures> {
        let is_asked = |task: &&Task| category.is_none_or(|category| task.category == category);
        let groups: Vec<&Vec<usize>> = self
            .tasks
            .iter()
            .filter(is_asked)
            .map(|task| &task.by_player[player])
            .filter(|episodes| !episodes.is_empty())
            .collect();
        let rank = |&index: &usize| self.entries[index].human_rank();
        let ranks: Vec<Vec<f64>> = groups.iter().map(|group| group.iter().map(rank).collect()).collect();
        let entries: Vec<&Entry> = groups.iter().copied().flatten().map(|&index| &self.entries[index]).collect();
        let over_tasks = |ranks: &[Vec<f64>]| {
            let means: Vec<f64> = ranks.iter().filter_map(|ranks| over_seeds(ranks, options.over_seeds)).collect();
            mean(&means).unwrap_or_default()
        };
        let middle = |ranks: &[Vec<f64>]| interquartile_mean(&ranks.concat()).unwrap_or_default();
        let outcomes = || entries.iter().map(|entry| &entry.finished.outcome);
        let cost =
            |outcome: &crate::outcome::EpisodeOutcome| outcome.cost_usd.or((outcome.usage.total() == 0).then_some(0.0));
        (!groups.is_empty()).then(|| Figures {
            anchor: anchor(player, category),
            episodes: entries.len(),
            competitions: groups.len(),
            human_rank: over_tasks(&ranks),
            interval: options.bootstrap.nested(&ranks, over_tasks),
            interquartile_mean: middle(&ranks),
            interquartile_interval: options.bootstrap.nested(&ranks, middle),
            medals: self.medals(&entries),
            elo: comparison.elo[player],
            aup: comparison.aup(player),
            input_tokens: outcomes().map(|outcome| outcome.usage.input_tokens).sum(),
            output_tokens: outcomes().map(|outcome| outcome.usage.output_tokens).sum(),
            cost_usd: outcomes().map(cost).sum(),
            time: Time {
                seconds: outcomes().map(|outcome| outcome.seconds).sum(),
                working_seconds: outcomes().map(|outcome| outcome.working_seconds).sum(),
                run_seconds: entries.iter().map(|entry| entry.run_seconds).sum(),
            },
        })
    }

    fn medals(&self, entries: &[&Entry]) -> Medals {
        let mut medals = Medals { of: entries.len(), ..Medals::default() };
        for entry in entries {
            let Some(grade) = entry.finished.outcome.decisive() else { continue };
            medals.valid += 1;
            match grade.standing.medal {
                Some(Medal::Gold) => medals.gold += 1,
                Some(Medal::Silver) => medals.silver += 1,
                Some(Medal::Bronze) => medals.bronze += 1,
                None => {}
            }
            medals.above_median += usize::from(self.boards.is_above_median(&entry.finished.outcome));
        }
        medals
    }

    /// The mean over competitions of the mean over seeds, after each step.
    fn curve(&self, player: usize, options: &ReportOptions, steps: impl Fn(&Entry) -> &Vec<f64>) -> StepCurve {
        let longest = self.entries.iter().map(|entry| steps(entry).len()).max().unwrap_or(0);
        let played: Vec<&Vec<usize>> =
            self.tasks.iter().map(|task| &task.by_player[player]).filter(|episodes| !episodes.is_empty()).collect();
        let at = |step: usize| {
            let after = |&index: &usize| {
                let ranks = steps(&self.entries[index]);
                ranks.get(step).or(ranks.last()).copied().unwrap_or(0.0)
            };
            let means = played
                .iter()
                .filter_map(|episodes| over_seeds(&episodes.iter().map(after).collect::<Vec<_>>(), options.over_seeds));
            mean(&means.collect::<Vec<_>>()).unwrap_or_default()
        };
        StepCurve { human_rank: (0..longest).map(at).collect() }
    }

    fn competition(&self, task: &Task, options: &ReportOptions) -> CompetitionRow {
        let score = |episodes: &Vec<usize>| {
            let first = *episodes.first()?;
            let entries = || episodes.iter().map(|&index| &self.entries[index]);
            let cells = vec![entries().map(Entry::raw_score).collect()];
            let scores = crate::statistics::TaskScores { direction: task.direction, baseline: None, cells };
            let medals = entries().filter_map(|entry| entry.finished.outcome.decisive()?.standing.medal);
            Some(CompetitionScore {
                anchor: format!("e-{first}"),
                episodes: episodes.len(),
                raw_score: scores.merged(options.over_seeds)[0],
                human_rank: over_seeds(&entries().map(Entry::human_rank).collect::<Vec<_>>(), options.over_seeds)?,
                medal: medals.min_by_key(|medal| *medal as u8),
            })
        };
        let spec = &self.specs[&task.competition];
        CompetitionRow {
            competition: task.competition.clone(),
            category: task.category,
            metric: spec.metric.metric.name().to_owned(),
            direction: task.direction,
            scores: task.by_player.iter().map(score).collect(),
        }
    }

    fn episode(&self, index: usize, checks: Option<&EpisodeChecks>) -> EpisodeRow {
        let entry = &self.entries[index];
        let outcome = &entry.finished.outcome;
        let findings = checks.map_or(&[][..], |checks| &checks.findings);
        let warnings = findings.iter().filter(|finding| finding.severity == crate::checks::Severity::Warning).count();
        let task = self.tasks.iter().find(|task| task.competition == outcome.competition);
        let shown = outcome.held_out.as_ref().and(outcome.best.as_ref());
        let failures = entry.failures.clone().finish();
        EpisodeRow {
            id: entry.finished.id.clone(),
            path: entry.finished.path.clone(),
            player: self.player_of[index],
            category: task.map_or(0, |task| task.category),
            competition: outcome.competition.clone(),
            seed: outcome.seed,
            ended: outcome.ended.name(),
            error: outcome.error.clone(),
            raw_score: entry.raw_score(),
            human_rank: entry.human_rank(),
            shown_human_rank: shown.map(|grade| grade.standing.human_rank),
            medal: outcome.decisive().and_then(|grade| grade.standing.medal),
            submission: entry.submission.clone(),
            steps: outcome.steps,
            failed_steps: failures.failed,
            tokens: outcome.usage.total(),
            cost_usd: outcome.cost_usd,
            attempts: outcome.attempts,
            findings: (warnings, findings.len() - warnings),
            time: Time {
                seconds: outcome.seconds,
                working_seconds: outcome.working_seconds,
                run_seconds: entry.run_seconds,
            },
        }
    }

    /// How submissions were judged, in words, with how many episodes where it differs.
    fn judging(&self) -> Vec<String> {
        let mut ways: BTreeMap<String, usize> = BTreeMap::new();
        for entry in &self.entries {
            let judging = entry.finished.outcome.judging;
            let rows = match judging.public_fraction {
                fraction if fraction >= 1.0 => "scores shown on all rows, which decide".to_owned(),
                fraction => format!("scores shown on {:.0} % of the rows, the others decide", 100.0 * fraction),
            };
            *ways.entry(format!("protocol {}, {rows}", judging.protocol)).or_default() += 1;
        }
        let is_one = ways.len() == 1;
        ways.into_iter().map(|(way, count)| if is_one { way } else { format!("{way}: {count} episodes") }).collect()
    }
}

/// The players by their mean HumanRank over competitions, best first.
fn ranked(entries: &[Entry]) -> Vec<Player> {
    let mut ranks: BTreeMap<Player, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for entry in entries {
        let outcome = &entry.finished.outcome;
        let of_player = ranks.entry(outcome.player()).or_default();
        of_player.entry(&outcome.competition).or_default().push(entry.human_rank());
    }
    let over_tasks = |tasks: &BTreeMap<&str, Vec<f64>>| {
        mean(&tasks.values().filter_map(|ranks| mean(ranks)).collect::<Vec<_>>()).unwrap_or_default()
    };
    let mut players: Vec<(f64, Player)> =
        ranks.into_iter().map(|(player, tasks)| (over_tasks(&tasks), player)).collect();
    players.sort_by(|(one, first), (other, second)| other.total_cmp(one).then_with(|| first.cmp(second)));
    players.into_iter().map(|(_, player)| player).collect()
}

fn over_seeds(ranks: &[f64], over: OverSeeds) -> Option<f64> {
    match over {
        OverSeeds::Mean => mean(ranks),
        OverSeeds::Best => ranks.iter().copied().reduce(f64::max),
    }
}

/// The anchor of a player's episodes, or of those in a category.
pub(crate) fn anchor(player: usize, category: Option<usize>) -> String {
    match category {
        None => format!("p-{player}"),
        Some(category) => format!("p-{player}-c-{category}"),
    }
}

fn check_rows(checks: &[EpisodeChecks]) -> Vec<CheckRow> {
    let rows = checks.iter().enumerate().flat_map(|(episode, checks)| {
        let climbing: Option<Climbing> = checks.climbing;
        checks.findings.iter().map(move |finding| CheckRow {
            episode,
            message: finding.check.to_string(),
            finding: finding.clone(),
            climbing,
        })
    });
    let mut rows: Vec<CheckRow> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.finding.severity));
    rows
}
