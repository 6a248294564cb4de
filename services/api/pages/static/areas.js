// The areas of the map: their class of points, their rank, their flag; and how many units each class has.

import { SIGNS, standing } from './flags.js';

const TOP = 24; // of the bars, in the key's own box
const round = value => Math.round(value * 10) / 10;

export class Areas {
  constructor(state) {
    Object.assign(this, { cuts: state.cuts, bar: state.bar });
    const byUnit = selector => new Map([...document.querySelectorAll(selector)].map(found => [found.dataset.unit, found]));
    Object.assign(this, { areas: byUnit('.land path'), labels: byUnit('.map text[data-unit]'), marks: byUnit('.mk') });
  }

  // From 1 to 5 by points; n where a unit is not ranked. map_model.py says the same.
  level(unit) { return unit.score === null ? 'n' : String(this.cuts.filter(cut => cut <= unit.score).length + 1); }

  take(ranking) {
    const counts = new Map();
    for (const unit of ranking.units) {
      const level = this.level(unit), label = this.labels.get(unit.unit);
      counts.set(level, (counts.get(level) ?? 0) + 1);
      this.areas.get(unit.unit)?.setAttribute('class', `q${level}`);
      if (!label) continue;
      label.setAttribute('class', `l${level}${label.classList.contains('small') ? ' small' : ''}`);
      label.textContent = unit.rank === null ? '–' : String(unit.rank);
    }
    this.count(counts);
  }

  count(counts) {
    const fullest = Math.max(1, ...counts.values());
    for (const group of document.querySelectorAll('.hist [data-level]')) {
      const count = counts.get(group.dataset.level) ?? 0, height = round(count / fullest * this.bar), y = round(TOP + this.bar - height);
      const bar = group.querySelector('rect'), number = group.querySelector('.n');
      bar.setAttribute('height', height);
      bar.setAttribute('y', y);
      number.setAttribute('y', round(y - 6));
      number.textContent = String(count);
      group.toggleAttribute('hidden', group.dataset.level === 'n' && count === 0);
    }
  }

  // Which units bear an open flag: unit -> flag.
  flag(flagged) {
    for (const [unit, mark] of this.marks) {
      const flag = flagged.get(unit), sign = mark.querySelector('use');
      mark.toggleAttribute('hidden', !flag);
      if (!flag) continue;
      sign.setAttribute('href', `#${SIGNS[flag.tone]}`);
      sign.setAttribute('class', `mk-${flag.tone}${standing(flag) === 'confirmed' ? ' mk-solid' : ''}`);
    }
  }
}
