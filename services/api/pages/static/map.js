// The map of a block: follows the stream; areas change their class and rank, the ends of the table their rows.

import { Areas } from './areas.js';
import { Rows } from './rows.js';
import { Screens } from './screens.js';
import { Wall } from './wall.js';

const wall = new Wall();
const { state, words, flags } = wall;
const areas = new Areas(state);
const ends = ['top', 'bottom'].map(id => new Rows(document.getElementById(id), document.getElementById('row'), state, words));

function take(ranking) {
  areas.take(ranking);
  parts(ranking).forEach((part, at) => ends[at].take(part));
}

// The ranking cut to the first and the last of those that are ranked; map_model.py cuts the same way.
function parts(ranking) {
  const ranked = ranking.units.filter(unit => unit.rank !== null);
  const top = ranked.slice(0, Math.min(state.top, Math.ceil(ranked.length / 2)));
  const bottom = ranked.slice(top.length).slice(-state.bottom);
  return [{ ...ranking, units: top }, { ...ranking, units: bottom }];
}

function flagged(byUnit) {
  areas.flag(byUnit);
  for (const end of ends) end.flag(byUnit);
}

parts(state.ranking).forEach((part, at) => Object.assign(ends[at], { ranking: part, flagged: flags.byUnit() }));
const stream = wall.follow(take, flagged);
new Screens(state, { page: 0, turn() {} }, words, () => stream.lostAt === null);
