import fc from 'fast-check'

// Every property begins from the run's one seed: what a run has found, the next run with that `SEED` finds again.
fc.configureGlobal({ seed: Number(process.env.SEED) })
