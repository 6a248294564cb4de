// A page without a ranking: the clock runs, and the page is asked for again until there is something to show.

import { Clock } from './vitals.js';
import { Words } from './words.js';

const AGAIN_MS = 2000;

const state = JSON.parse(document.getElementById('state').textContent);
new Clock(new Words(state.lang, state.text));

async function look() {
  try {
    const answer = await fetch(location.href, { cache: 'no-store', redirect: 'error' });
    if (answer.ok && (await answer.text()).includes('id="rows"')) return location.reload();
  } catch { /* the server is away: the page stays, and asks again */ }
  setTimeout(look, AGAIN_MS);
}

setTimeout(look, AGAIN_MS);
