/* Comfort for the deposit: files go in resumable pieces with a bar for each, and what is typed is saved meanwhile.
   All words come from the page, in its language; buttons are put in here, so that none is dead without a script. */

const AT_ONCE = 2; // uploads; more only share the same line
const RETRY_AFTER = [1, 3, 5, 10, 20, 30, 60, 60, 60]; // seconds
const HOPELESS = new Set([400, 401, 403, 404, 410, 412, 413, 415, 507]); // answers that another attempt does not change
const REFRESH_AFTER = [2, 3, 5, 8, 10]; // seconds; the last one again and again
const SAVE_AFTER = 3; // seconds without a key

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* ---------- numbers as the reader's language writes them ---------- */

const units = JSON.parse(document.querySelector("[data-units]")?.dataset.units ?? "{}");
const unit = (value, name, digits) => fill(units[name], { n: String(Number(value.toFixed(digits))).replace(".", units.decimal) });

function size(bytes) {
  const names = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let step = 0;
  for (; bytes >= 999.5 && step < names.length - 1; step++) bytes /= 1000;
  return unit(bytes, names[step], bytes < 9.95 && step ? 1 : 0);
}

function time(seconds) {
  if (seconds < 90) return unit(Math.max(1, seconds), "second", 0);
  return seconds < 5400 ? unit(seconds / 60, "minute", 0) : unit(seconds / 3600, "hour", 1);
}

/* ---------- what the server has received ---------- */

const sendings = new Set();

/* Whether the list is that of the server now. */
async function refresh() {
  const here = document.getElementById("received");
  if (!here || here.querySelector("details[open]")) return false; // somebody is giving a file another name
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = page.getElementById("received");
    if (!answer.ok || !there) return false;
    // What this page is sending has a row of its own.
    for (const row of there.querySelectorAll("[data-upload]")) {
      if ([...sendings].some(({ upload }) => upload.url?.endsWith(row.dataset.upload))) row.remove();
    }
    here.replaceWith(document.adoptNode(there));
    return true;
  } catch {
    return false; // no connection
  }
}

let following = false;

async function follow() {
  if (following) return;
  following = true;
  for (let turn = 0; document.querySelector("#received[data-refresh]"); turn++) {
    await wait(REFRESH_AFTER[Math.min(turn, REFRESH_AFTER.length - 1)]);
    if (!document.hidden) await refresh();
  }
  following = false;
}

/* ---------- a file on its way ---------- */

class Row {
  constructor(file, words, list) {
    this.file = file;
    this.words = words;
    this.count = element("span", { class: "count" }, size(file.size));
    this.bar = element("progress", { max: "100", value: "0", "aria-label": file.name });
    this.pace = element("p");
    this.said = element("p", { role: "status" });
    this.actions = element("p", { class: "actions" });
    this.row = element("li", { class: "upload" }, element("b", {}, file.name), this.count, this.bar, this.pace, this.said, this.actions);
    list.append(this.row);
  }

  say(words, look = "") {
    this.said.className = `state ${look}`;
    this.said.textContent = words;
  }

  offer(...buttons) {
    this.actions.replaceChildren(
      ...buttons.map(([words, act]) => {
        const button = element("button", { type: "button", class: "plain small" }, words, element("span", { class: "spoken" }, `: ${this.file.name}`));
        button.addEventListener("click", act);
        return button;
      }),
    );
  }

  progress(sent, total) {
    const now = performance.now() / 1000;
    this.mark ??= { at: now, sent };
    const seconds = now - this.mark.at;
    this.count.textContent = fill(this.words.going, { done: size(sent), total: size(total) });
    this.bar.value = total ? (100 * sent) / total : 100;
    if (seconds < 1) return;
    // What went in the last seconds, smoothed, so that the time left does not jump.
    const speed = (sent - this.mark.sent) / seconds;
    this.speed = this.speed ? 0.7 * this.speed + 0.3 * speed : speed;
    this.mark = { at: now, sent };
    if (this.speed > 0) this.pace.textContent = fill(this.words.speed, { speed: size(this.speed), time: time((total - sent) / this.speed) });
  }

  rest() {
    this.mark = this.speed = undefined;
    this.pace.textContent = "";
  }

  remove() {
    this.row.remove();
  }
}

class Sending {
  constructor(file, place) {
    this.place = place;
    this.words = place.words;
    this.row = new Row(file, place.words, place.list);
    this.attempt = 0;
    sendings.add(this);
    this.upload = new tus.Upload(file, {
      endpoint: place.words.uploads,
      metadata: { filename: file.name, role: place.words.role },
      retryDelays: null, // ours, which say when they try again
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => this.row.progress(sent, total),
      onError: (error) => this.broken(error),
      onSuccess: () => this.arrived(),
    });
  }

  async begin() {
    // The same file was begun before the page was left, or the computer closed: it goes on where it stopped.
    const [before] = await this.upload.findPreviousUploads();
    if (before) this.upload.resumeFromPreviousUpload(before);
    this.go();
  }

  go() {
    this.stopped = false;
    this.row.say("");
    this.row.offer([this.words.pause, () => this.pause()], [this.words.remove, () => this.drop()]);
    this.upload.start();
  }

  pause() {
    this.stopped = true;
    this.upload.abort();
    this.row.rest();
    this.row.say(this.words.paused, "warn");
    this.row.offer([this.words.resume, () => this.go()], [this.words.remove, () => this.drop()]);
  }

  async broken(error) {
    const answer = error.originalResponse;
    const status = answer ? answer.getStatus() : 0;
    this.row.rest();
    if (HOPELESS.has(status) || this.attempt >= RETRY_AFTER.length) {
      this.row.say((status && answer.getBody().slice(0, 200)) || this.words.failed, "stop");
      this.row.offer([this.words.retry, () => this.again()], [this.words.remove, () => this.drop()]);
      this.place.next(this);
      return;
    }
    const seconds = RETRY_AFTER[this.attempt++];
    this.row.say(fill(this.words.broken, { time: time(seconds) }), "warn");
    this.row.offer([this.words.retry, () => this.again()], [this.words.remove, () => this.drop()]);
    const turn = this.attempt;
    await wait(seconds);
    if (!this.stopped && turn === this.attempt) this.go();
  }

  again() {
    this.attempt = 0;
    this.go();
  }

  async arrived() {
    sendings.delete(this);
    this.row.rest();
    this.row.say(this.words.done, "good");
    this.row.offer();
    this.place.next(this);
    while (!(await refresh())) await wait(REFRESH_AFTER[0]);
    this.row.remove();
    follow();
  }

  async drop() {
    sendings.delete(this);
    this.stopped = true;
    this.row.remove();
    this.place.next(this);
    try {
      await this.upload.abort(true);
    } catch {
      // it was not begun, or is gone already
    }
    refresh();
  }
}

/* ---------- the form for files, taken over ---------- */

class Place {
  constructor(form) {
    this.words = form.dataset;
    this.waiting = [];
    this.going = new Set();
    this.list = element("ul", { class: "uploads" });
    form.after(this.list);
    const input = form.querySelector("input[type=file]");
    const area = form.querySelector(".drop");
    area.append(element("p", { class: "hint" }, this.words.drop));
    form.querySelector("button").closest("p").remove(); // choosing is enough
    const chosen = () => {
      this.take([...input.files]);
      input.value = "";
    };
    input.addEventListener("change", chosen);
    chosen(); // on a thin line somebody has chosen before this script was here
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["dragenter", "dragover"]) {
      area.addEventListener(name, (event) => {
        event.preventDefault();
        area.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => area.classList.remove("over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take([...event.dataTransfer.files]);
    });
    addEventListener("beforeunload", (event) => {
      if (this.going.size || this.waiting.length) event.preventDefault();
    });
  }

  take(files) {
    for (const file of files) {
      if (file.size > Number(this.words.limit)) {
        const row = new Row(file, this.words, this.list);
        row.say(this.words.large, "stop");
        row.offer([this.words.remove, () => row.remove()]);
      } else {
        this.waiting.push(new Sending(file, this));
      }
    }
    this.next();
  }

  next(ended) {
    this.going.delete(ended);
    this.waiting = this.waiting.filter((sending) => sending !== ended);
    while (this.going.size < AT_ONCE && this.waiting.length) {
      const sending = this.waiting.shift();
      this.going.add(sending);
      sending.begin();
    }
  }
}

/* ---------- saved meanwhile ---------- */

class Saving {
  constructor(form) {
    this.form = form;
    this.said = form.querySelector(".saved");
    this.busy = Promise.resolve();
    form.addEventListener("input", (event) => this.typed(event.target));
    form.addEventListener("submit", (event) => this.pressed(event));
    addEventListener("visibilitychange", () => document.hidden && this.due && this.save());
  }

  typed(control) {
    this.look(control.closest("[data-field]"));
    if (this.stale) return;
    clearTimeout(this.due);
    this.due = setTimeout(() => this.save(), SAVE_AFTER * 1000);
  }

  /* A guess that somebody has changed is one no more. */
  look(field) {
    const guess = field?.querySelector("input[name=guessed]");
    if (!guess) return;
    guess.name = "checked";
    for (const control of field.querySelectorAll(".guessed")) control.classList.remove("guessed");
    for (const note of field.querySelectorAll("p.guess")) note.hidden = true;
  }

  save() {
    clearTimeout(this.due);
    this.due = undefined;
    this.busy = this.busy.then(() => this.send());
    return this.busy;
  }

  async send() {
    if (this.stale) return;
    this.sending = true;
    const body = new URLSearchParams(new FormData(this.form));
    body.set("autosave", "1");
    this.said.textContent = this.form.dataset.save;
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
      if (answer.status === 409) {
        this.stale = true;
        this.said.textContent = this.form.dataset.stale;
      } else if (answer.ok) {
        const { edition, said } = await answer.json();
        this.form.elements.edition.value = edition;
        this.said.textContent = said;
      } else {
        this.said.textContent = this.form.dataset.unsaved;
      }
    } catch {
      this.said.textContent = this.form.dataset.unsaved;
      this.due ??= setTimeout(() => this.save(), 15_000);
    }
    this.sending = false;
  }

  /* What is being saved just now comes first: it makes the edition that the form then speaks of. */
  pressed(event) {
    clearTimeout(this.due);
    this.due = undefined;
    if (!this.sending) return;
    event.preventDefault();
    // In a turn of its own: a form does not send itself while it tells that it is being sent.
    this.busy.then(() => setTimeout(() => this.form.requestSubmit(event.submitter)));
  }
}

for (const form of document.querySelectorAll("form[data-uploads]")) {
  if (window.tus?.isSupported) new Place(form);
}
for (const form of document.querySelectorAll("form[data-save]")) new Saving(form);
follow();
