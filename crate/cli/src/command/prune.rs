//! `strongroom prune`

use serde_json::json;
use strongroom_core::{Erase, EraseReport, Erasure, Erasures, Error, Keeper, Prune as Machine, PruneOptions, PruneReport, Refresh};

use crate::{
    Ending,
    args::Prune,
    ask,
    host::{now, seed},
    memory,
    show::{count, size},
    vault::{Opened, World, open},
    watch,
};

pub fn run(args: &Prune, json: bool) -> Result<Ending, Error> {
    let opened = open(&args.vault, &args.secret, World::Nothing)?;
    ask::not_rolled_back(&opened)?;
    let keeper = opened.keeper(&args.delay);
    let erasures = opened.host.run(&mut Erasures::new(&opened.vault, keeper), |_| {})?;
    let (due, waiting): (Vec<_>, Vec<_>) = erasures.into_iter().partition(|erasure| erasure.due.is_some_and(|due| due <= now()));
    let planned = prune(&opened, args, keeper, true, json)?;
    if !json {
        show(&due, &waiting, &planned);
    }
    let is_needless = planned.plan.packs_needless + planned.plan.packs_rewritten + planned.plan.nodes + planned.plan.indexes > 0;
    let (mut erased, mut pruned) = (EraseReport::default(), planned);
    if !args.dry_run && (is_needless || !due.is_empty()) {
        ask::sure("Go on?", args.yes)?;
        if !due.is_empty() {
            erased = watch::run(&opened.host, &mut Erase::new(&opened.vault, keeper, opened.fresh.clone(), seed()?), json)?;
        }
        pruned = prune(&opened, args, keeper, false, json)?;
        opened.host.run(&mut Refresh::new(&opened.vault), |_| {})?;
        memory::keep(&opened.vault, false)?;
    }
    if json {
        let tombstone = pruned.tombstone.map(|name| name.to_string());
        println!("{}", json!({ "plan": pruned.plan, "tombstone": tombstone, "due": due, "waiting": waiting, "erased": erased }));
    } else {
        if erased.objects > 0 {
            println!(
                "Erased {} objects and freed {}; {} packs are needed again and stay.",
                count(erased.objects),
                size(erased.bytes),
                erased.spared
            );
        }
        if let Some(tombstone) = pruned.tombstone {
            let id = tombstone.to_string();
            println!(
                "Doomed as {}: the first `prune` after the delay erases it, `erasures --cancel {}` calls it off.",
                &id[..12],
                &id[..12]
            );
        }
    }
    Ok(Ending::Whole)
}

fn prune(opened: &Opened, args: &Prune, keeper: Keeper, dry_run: bool, json: bool) -> Result<PruneReport, Error> {
    let options = PruneOptions { threshold: args.threshold, dry_run, unlock: opened.fresh.clone(), ..PruneOptions::new(keeper) };
    watch::run(&opened.host, &mut Machine::new(&opened.vault, options, seed()?), json)
}

/// What it would free, now and after the delay.
fn show(due: &[Erasure], waiting: &[Erasure], planned: &PruneReport) {
    let sum = |erasures: &[Erasure]| size(erasures.iter().map(|erasure| erasure.bytes).sum());
    if !due.is_empty() {
        println!("To be erased now, its delay is over: {}, unless a snapshot needs some of it again.", sum(due));
    }
    if !waiting.is_empty() {
        println!("Doomed already and waiting: {}. `erasures` lists it.", sum(waiting));
    }
    let plan = &planned.plan;
    println!(
        "Needless now: {} packs, and most of {} more, of which {} are stored anew; {} forgotten snapshots; {} old indexes.",
        count(plan.packs_needless),
        count(plan.packs_rewritten),
        size(plan.bytes_copied),
        count(plan.snapshots),
        count(plan.indexes)
    );
    println!("That frees {} once the delay is over. {} packs stay.", size(plan.bytes_freed), count(plan.packs_kept));
}
