// The rows of the ranking: filled from a ranking, keyed by data-unit, and moved by measure - reorder - invert - play.

import { standing } from './flags.js';

const MOVE_MS = 700;
const MARK_MS = 12000;
const WHISK = 150;
const COVERAGE = 56;
const LOW_COVERAGE = 0.9;
const EASE = 'cubic-bezier(.2, 0, 0, 1)';

const still = matchMedia('(prefers-reduced-motion: reduce)');
const round = value => Math.round(value * 10) / 10;

function set(element, text) { if (element && element.textContent !== text) element.textContent = text; }
function show(element, shown) { element?.toggleAttribute('hidden', !shown); }
function attributes(element, values) { for (const [name, value] of Object.entries(values)) element.setAttribute(name, value); }

// Ids need no escaping; board_model.py writes the same.
const scorecard = (block, unit, lang) => `/units/${block.split('/')[0]}/${unit}?block=${block}${lang === 'vi' ? '' : `&lang=${lang}`}`;

export class Rows {
  constructor(body, template, state, words) {
    Object.assign(this, { body, template, words, slots: state.slots, layout: state.layout, page: 0, flagged: new Map(), marks: new Map() });
    this.rows = new Map([...body.rows].map(row => [row.dataset.unit, row]));
    this.page = Math.max(0, [...body.rows].findIndex(row => !row.hidden)) / state.layout.per_page | 0;
  }

  // Takes a new ranking: figures change in place, rows travel to their new places at once.
  take(ranking) {
    const before = this.places();
    const old = this.ranking;
    this.ranking = ranking;
    const were = new Map(old?.units.map(unit => [unit.unit, unit]));
    for (const unit of ranking.units) {
      this.fill(this.row(unit.unit), unit);
      // Marked is who moved by a score of its own, not who was pushed aside.
      const was = were.get(unit.unit);
      if (was && was.rank !== unit.rank && was.score !== unit.score) this.mark(unit.unit);
    }
    this.reorder();
    this.play(before);
  }

  row(unit) {
    if (!this.rows.has(unit)) {
      const row = this.template.content.firstElementChild.cloneNode(true);
      row.dataset.unit = unit;
      this.rows.set(unit, row);
    }
    return this.rows.get(unit);
  }

  reorder() {
    const present = new Set(this.ranking.units.map(unit => unit.unit));
    for (const [unit, row] of this.rows) if (!present.has(unit)) { row.remove(); this.rows.delete(unit); }
    this.ranking.units.forEach((unit, place) => {
      const row = this.rows.get(unit.unit);
      if (this.body.rows[place] !== row) this.body.insertBefore(row, this.body.rows[place] ?? null);
      row.hidden = this.pageOf(place) !== this.page;
    });
  }

  pageOf(place) { return Math.min(Math.floor(place / this.layout.per_page), this.layout.pages - 1); }

  turn(page) {
    this.page = page;
    [...this.body.rows].forEach((row, place) => { row.hidden = this.pageOf(place) !== page; });
  }

  places() { return new Map([...this.body.rows].filter(row => !row.hidden).map(row => [row, row.getBoundingClientRect()])); }

  play(before) {
    if (still.matches || document.hidden) return;
    const moves = [];
    for (const [row, from] of before) {
      if (row.hidden || !row.isConnected) continue;
      const to = row.getBoundingClientRect(), dx = from.left - to.left, dy = from.top - to.top;
      if (dx || dy) moves.push([row, dx, dy]);
    }
    for (const [row, dx, dy] of moves) {
      row.dataset.moving = '';
      row.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], { duration: MOVE_MS, easing: EASE })
        .finished.catch(() => {}).finally(() => delete row.dataset.moving);
    }
  }

  mark(unit) {
    const row = this.rows.get(unit);
    row.dataset.changed = '';
    clearTimeout(this.marks.get(unit));
    this.marks.set(unit, setTimeout(() => delete row.dataset.changed, MARK_MS));
  }

  // Which units bear an open flag: unit -> flag.
  flag(flagged) {
    this.flagged = flagged;
    for (const [unit, row] of this.rows) this.fillFlag(row, unit);
  }

  fillFlag(row, unit) {
    const flag = this.flagged.get(unit);
    for (const sign of row.querySelectorAll('.marks .flag')) {
      const shown = sign.dataset.tone === flag?.tone;
      show(sign, shown);
      sign.querySelector('.g').classList.toggle('g--solid', shown && standing(flag) === 'confirmed');
      set(sign.querySelector('.vh'), shown ? this.words.text[`${standing(flag)}_${flag.kind}`] : '');
    }
  }

  fill(row, unit) {
    const { words, ranking } = this;
    show(row.querySelector('.r small'), unit.tied);
    set(row.querySelector('.rk'), unit.rank === null ? '–' : String(unit.rank));
    this.fillMove(row, unit);
    const name = row.querySelector('.nm');
    set(name, this.layout.columns > 2 ? words.shortName(unit.name) : unit.name);
    name.title = unit.name;
    name.href = scorecard(ranking.block, unit.unit, words.lang);
    show(row.querySelector('.marks .sim'), unit.simulated === true && !ranking.simulated);
    this.fillFlag(row, unit.unit);
    const score = row.querySelector('.sc');
    set(score, unit.score === null ? '' : words.number(unit.score, ranking.decimals));
    show(score, unit.score !== null);
    show(row.querySelector('.nr'), unit.score === null);
    this.fillBar(row, unit);
    this.fillInterval(row, unit);
    this.fillCoverage(row, unit);
  }

  fillCoverage(row, unit) {
    const coverage = row.querySelector('.cv');
    set(coverage, this.words.percent(unit.coverage));
    coverage?.classList.toggle('low', unit.coverage < LOW_COVERAGE);
    row.querySelector('.cbar .ch-fill')?.setAttribute('width', round(unit.coverage * COVERAGE));
  }

  fillMove(row, unit) {
    const { words } = this, movement = row.querySelector('.mv');
    const way = unit.moved > 0 ? 'up' : unit.moved < 0 ? 'down' : 'same';
    movement.className = `mv mv--${way}`;
    show(movement, unit.moved !== null);
    movement.querySelector('use').setAttribute('href', `#${way}`);
    set(movement.querySelector('.vh'), `${words.text[way === 'same' ? 'kept' : way]} `);
    set(movement.querySelector('.places'), unit.moved ? String(Math.abs(unit.moved)) : '');
    set(row.querySelector('.net'), unit.delta === null ? '' : words.signed(unit.delta, this.ranking.decimals));
  }

  fillBar(row, unit) {
    const bar = row.querySelector('.gbar');
    if (!bar) return;
    [...bar.children].forEach((cell, place) => {
      const [x, width] = this.slots[place], state = unit.states?.[place] ?? 'reported', score = unit.groups[place] ?? null;
      const share = state === 'reported' ? Math.max(0, Math.min(1, score ?? 0)) : 0;
      cell.dataset.state = state;
      cell.toggleAttribute('data-zero', state === 'reported' && score === 0);
      cell.querySelector('.ch-fill').setAttribute('width', round(share * width));
      const median = this.ranking.groups[place].median, line = cell.querySelector('.ch-median');
      if (line && median !== null) attributes(line, { x1: round(x + Math.min(1, median) * width), x2: round(x + Math.min(1, median) * width) });
    });
    bar.setAttribute('aria-label', this.ranking.groups.map((group, place) => this.told(group, unit, place)).join('; '));
  }

  told(group, unit, place) {
    const { words } = this, title = group.title[words.lang], score = unit.groups[place] ?? null, state = unit.states?.[place] ?? 'reported';
    if (state !== 'reported' || score === null) return `${title} ${words.text[state === 'reported' ? 'no_score' : state]}`;
    if (group.points === null) return `${title} ${words.number(score, 3)}`;
    return `${title} ${words.number(score * group.points, 2)} ${words.text.of} ${words.number(group.points)}`;
  }

  fillInterval(row, unit) {
    const { words } = this, of = Math.max(this.ranking.ranked, 1), chart = row.querySelector('.whisk');
    set(row.querySelector('.iv'), unit.interval ? words.interval(unit.interval) : '');
    show(chart, unit.interval !== null);
    if (unit.interval === null || !chart) return;
    const [low, high] = unit.interval, along = places => round(Math.max(0, places) / of * WHISK);
    attributes(chart.querySelector('.ch-range'), { x: along(low - 1), width: high > low ? along(high - low + 1) : 0 });
    chart.querySelector('.ch-point').setAttribute('cx', along(unit.rank - 0.5));
    chart.setAttribute('aria-label', words.fill('interval_label', { low, high, of }));
  }
}
