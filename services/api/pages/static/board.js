// The wall board: follows the stream and keeps the page that the server drew up to date.

import { Flags } from './flags.js';
import { Halt } from './halt.js';
import { Rows } from './rows.js';
import { Screens } from './screens.js';
import { Stream } from './stream.js';
import { Clock, Vitals } from './vitals.js';
import { Words } from './words.js';

const MOVE_EVERY_MS = 1000; // at most one reorder a second: changes are collected and moved once

const state = JSON.parse(document.getElementById('state').textContent);
const words = new Words(state.lang, state.text);
const rows = new Rows(document.getElementById('rows'), document.getElementById('row'), state, words);
const flags = new Flags(state, words);
const vitals = new Vitals(state, words);
const halt = new Halt(state.ranking, words);
new Clock(words);

let waiting = null;
let timer = null;
let movedAt = -Infinity;

function ranked(ranking) {
  if (needsNewPage(ranking)) return void location.reload();
  waiting = ranking;
  vitals.heard(ranking);
  halt.take(ranking);
  timer ??= setTimeout(apply, Math.max(0, movedAt + MOVE_EVERY_MS - performance.now()));
}

function apply() {
  timer = null;
  movedAt = performance.now();
  rows.take(waiting);
  told(waiting);
}

// Another number of units, other groups or other titles change the page itself, not only its figures.
function needsNewPage(ranking) {
  return ranking.units.length !== state.ranking.units.length || ranking.groups.length !== state.ranking.groups.length || ranking.pack !== state.ranking.pack;
}

// What stands once on the page: the period, and the signs in use, each with its word in the key.
function told(ranking) {
  const against = ranking.baseline ? ` ${words.text.compared} ${words.period(ranking.baseline.period)}` : ` · ${words.text.no_baseline}`;
  document.getElementById('period').textContent = words.period(ranking.period) + against;
  const key = (name, used) => document.getElementById(`key-${name}`)?.toggleAttribute('hidden', !used);
  key('delta', ranking.baseline !== null);
  key('tie', ranking.units.some(unit => unit.tied));
  key('unranked', ranking.units.some(unit => unit.rank === null));
  for (const missing of ['not_reported', 'inherited', 'not_due', 'not_applicable']) key(missing, ranking.units.some(unit => unit.states?.includes(missing)));
  key('zero', ranking.units.some(unit => unit.groups.some((score, place) => score === 0 && (unit.states?.[place] ?? 'reported') === 'reported')));
}

function flagged(flag) {
  flags.take(flag);
  rows.flag(flags.byUnit());
  document.getElementById('key-solid')?.toggleAttribute('hidden', !flags.hasConfirmed());
}

rows.ranking = state.ranking;
rows.flagged = flags.byUnit();
told(state.ranking);
document.documentElement.dataset.link = 'connecting';
const stream = new Stream(state.block, state.after, {
  ranking: ranked,
  flag: flagged,
  evaluation: evaluation => flags.evaluate(evaluation),
  freshness: freshness => vitals.take(freshness),
  state: (link, detail) => vitals.connection(link, detail),
});
new Screens(state, rows, words, () => stream.lostAt === null);
