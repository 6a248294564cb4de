// The map of a block: follows the stream; areas change their class and rank, the ends of the table their rows.

import { Areas } from './areas.js';
import { Flags } from './flags.js';
import { Halt } from './halt.js';
import { Rows } from './rows.js';
import { Screens } from './screens.js';
import { Stream } from './stream.js';
import { Clock, Vitals } from './vitals.js';
import { Words } from './words.js';

const DRAW_EVERY_MS = 1000; // at most one change a second: changes are collected and shown once

const state = JSON.parse(document.getElementById('state').textContent);
const words = new Words(state.lang, state.text);
const flags = new Flags(state, words);
const vitals = new Vitals(state, words);
const halt = new Halt(state.ranking, words);
const areas = new Areas(state);
const ends = ['top', 'bottom'].map(id => new Rows(document.getElementById(id), document.getElementById('row'), state, words));
new Clock(words);

let waiting = null;
let timer = null;
let drawnAt = -Infinity;

function ranked(ranking) {
  if (ranking.units.length !== state.ranking.units.length || ranking.pack !== state.ranking.pack) return void location.reload();
  waiting = ranking;
  vitals.heard(ranking);
  halt.take(ranking);
  timer ??= setTimeout(draw, Math.max(0, drawnAt + DRAW_EVERY_MS - performance.now()));
}

function draw() {
  timer = null;
  drawnAt = performance.now();
  areas.take(waiting);
  parts(waiting).forEach((part, at) => ends[at].take(part));
  period(waiting);
}

// The ranking cut to the first and the last of those that are ranked; map_model.py cuts the same way.
function parts(ranking) {
  const ranked = ranking.units.filter(unit => unit.rank !== null);
  const top = ranked.slice(0, Math.min(state.top, Math.ceil(ranked.length / 2)));
  const bottom = ranked.slice(top.length).slice(-state.bottom);
  return [{ ...ranking, units: top }, { ...ranking, units: bottom }];
}

function period(ranking) {
  const against = ranking.baseline ? ` ${words.text.compared} ${words.period(ranking.baseline.period)}` : ` · ${words.text.no_baseline}`;
  document.getElementById('period').textContent = words.period(ranking.period) + against;
}

function flagged(flag) {
  flags.take(flag);
  areas.flag(flags.byUnit());
  for (const end of ends) end.flag(flags.byUnit());
  document.getElementById('key-solid').toggleAttribute('hidden', !flags.hasConfirmed());
}

parts(state.ranking).forEach((part, at) => Object.assign(ends[at], { ranking: part, flagged: flags.byUnit() }));
document.documentElement.dataset.link = 'connecting';
const stream = new Stream(state.block, state.after, {
  ranking: ranked,
  flag: flagged,
  evaluation: evaluation => flags.evaluate(evaluation),
  freshness: freshness => vitals.take(freshness),
  state: (link, detail) => vitals.connection(link, detail),
});
new Screens(state, { page: 0, turn() {} }, words, () => stream.lostAt === null);
