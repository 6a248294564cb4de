// The wall board: follows the stream and keeps the page that the server drew up to date.

import { Rows } from './rows.js';
import { Screens } from './screens.js';
import { Wall } from './wall.js';

const wall = new Wall();
const { state, words, flags } = wall;
const rows = new Rows(document.getElementById('rows'), document.getElementById('row'), state, words);

function take(ranking) {
  rows.take(ranking);
  key(ranking);
}

// The signs in use, each with its word in the key.
function key(ranking) {
  const show = (name, used) => document.getElementById(`key-${name}`)?.toggleAttribute('hidden', !used);
  show('delta', ranking.baseline !== null);
  show('tie', ranking.units.some(unit => unit.tied));
  show('unranked', ranking.units.some(unit => unit.rank === null));
  for (const missing of ['not_reported', 'inherited', 'not_due', 'not_applicable']) show(missing, ranking.units.some(unit => unit.states?.includes(missing)));
  show('zero', ranking.units.some(unit => unit.groups.some((score, place) => score === 0 && (unit.states?.[place] ?? 'reported') === 'reported')));
}

rows.ranking = state.ranking;
rows.flagged = flags.byUnit();
key(state.ranking);
const stream = wall.follow(take, flagged => rows.flag(flagged));
new Screens(state, rows, words, () => stream.lostAt === null);
