// Desks on a room's plan are added and moved by pointer or by keyboard. What is sent are the fields of the list below it,
// so that nothing here is needed to save; without this script the numbers are typed.
"use strict";

for (const form of document.querySelectorAll("form[data-plan]")) {
  const columns = Number(form.dataset.columns);
  const rows = Number(form.dataset.rows);
  const stride = Number(form.dataset.stride);
  const area = form.querySelector("[data-plan-area]");
  const grid = form.querySelector("[data-plan-grid]");
  const tray = form.querySelector("[data-plan-tray]");
  const said = form.querySelector("[data-plan-said]");
  const moves = [];
  const MOST_NEW = 100;
  let added = Math.max(0, ...[...form.querySelectorAll("[data-seat^='new-']")].map((line) => Number(line.dataset.seat.slice(4))));
  const seats = new Map();
  const field = (kind, key) => form.elements[`${kind}-${key}`];
  const say = (words, facts) => { said.textContent = words.replace(/\{(\w+)\}/g, (_, name) => facts[name]); };

  const cell = (key) => {
    const [column, row] = [Number(field("column", key).value), Number(field("row", key).value)];
    const inside = Number.isInteger(column) && Number.isInteger(row) && column >= 1 && row >= 1 && column <= columns && row <= rows;
    return inside ? { column, row } : null;
  };
  const at = (place, but) =>
    [...seats.keys()].find((key) => key !== but && cell(key)?.column === place.column && cell(key)?.row === place.row);

  /** Draw one desk where its fields say that it stands. */
  function draw(key) {
    const { item, button } = seats.get(key);
    const place = cell(key);
    const focused = document.activeElement === button;
    button.textContent = field("name", key).value || field("name", key).placeholder;
    if (place) {
      item.dataset.column = place.column;
      item.dataset.row = place.row;
      item.style.left = `${((place.column - 0.5 - stride * 0.46) / columns) * 100}%`;
      item.style.top = `${((place.row - 0.5 - stride * 0.36) / rows) * 100}%`;
      item.style.width = `${((stride * 0.92) / columns) * 100}%`;
      item.style.height = `${((stride * 0.72) / rows) * 100}%`;
      if (item.parentNode !== grid) grid.append(item);
    } else {
      delete item.dataset.column;
      delete item.dataset.row;
      item.removeAttribute("style");
      const list = tray.querySelector("ul");
      if (item.parentNode !== list) list.append(item);
    }
    tray.hidden = !tray.querySelector("li");
    if (focused) button.focus();
  }

  function write(key, place) {
    field("column", key).value = place ? place.column : "";
    field("row", key).value = place ? place.row : "";
    draw(key);
    const name = field("name", key).value;
    if (place) say(form.dataset.moved, { name, ...place });
    else say(form.dataset.off, { name });
  }

  function move(key, place) {
    const other = place && at(place, key);
    if (other) {
      say(form.dataset.taken, { name: field("name", other).value });
      return;
    }
    moves.push([key, cell(key)]);
    write(key, place);
  }

  function undo() {
    const last = moves.pop();
    if (!last) return;
    if (last[0].startsWith("new") && !last[1]) { remove(last[0]); return; }
    if (typeof last[1] === "function") last[1]();
    else write(...last);
    seats.get(last[0]).button.focus();
  }

  /** The first spot where a desk would cover no other. */
  function firstFree() {
    const places = [...seats.keys()].map(cell).filter(Boolean);
    const near = (one, other) => Math.abs(one.column - other.column) < stride && Math.abs(one.row - other.row) < stride;
    const begin = Math.floor(stride / 2) + 1;
    for (let row = begin; row <= rows; row += stride) {
      for (let column = begin; column <= columns; column += stride) {
        if (!places.some((place) => near(place, { column, row }))) return { column, row };
      }
    }
    return null;
  }

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function step(key, [across, down], by) {
    const from = cell(key);
    if (!from) {
      const free = firstFree();
      if (free) move(key, free);
      return;
    }
    const to = { column: from.column + across * by, row: from.row + down * by };
    // Past a desk that is in the way, as far as the plan goes.
    while (at(to, key)) { to.column += across; to.row += down; }
    if (by > 1) {
      to.column = Math.min(Math.max(to.column, 1), columns);
      to.row = Math.min(Math.max(to.row, 1), rows);
    }
    const moves = to.column !== from.column || to.row !== from.row;
    if (moves && to.column >= 1 && to.row >= 1 && to.column <= columns && to.row <= rows) move(key, to);
  }

  /** The name after the last one: A-09 is followed by A-10. */
  function nextName() {
    const names = new Set([...seats.keys()].map((key) => field("name", key).value));
    const last = [...names].sort((one, other) => one.localeCompare(other, "ja", { numeric: true })).at(-1);
    if (!last) return form.dataset.usual;
    const [, stem, digits] = /^(.*?)(\d{0,6})$/s.exec(last);
    for (let count = Number(digits || 1) + 1; ; count += 1) {
      const name = stem.slice(0, 190) + String(count).padStart(digits.length || 2, "0");
      if (!names.has(name)) return name;
    }
  }

  /** Add a desk to the list and to the plan; its name is a guess, chosen to be typed over. */
  function add(place) {
    if (!place || added >= MOST_NEW) return;
    added += 1;
    const key = `new-${added}`;
    const model = form.querySelector('[data-seat="new"]');
    const line = model.cloneNode(true);
    line.dataset.seat = key;
    line.querySelectorAll("[data-invalid]").forEach((part) => delete part.dataset.invalid);
    line.querySelectorAll(".dads-error-text").forEach((part) => part.remove());
    for (const part of line.querySelectorAll("[id], [for], [name]")) {
      for (const name of ["id", "for", "name"]) {
        if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(/-new$/, `-${key}`));
      }
      part.removeAttribute("aria-invalid");
      part.removeAttribute("aria-describedby");
    }
    const name = nextName();
    model.before(line);
    field("name", key).value = name;
    begin(line);
    write(key, place);
    moves.push([key, null]);
    say(form.dataset.added, { name, ...place });
    seats.get(key).button.focus();
  }

  /** Take a new desk out of the list and the plan, and return what puts it back as it was. */
  function remove(key) {
    const [seat, line, place] = [seats.get(key), form.querySelector(`[data-seat="${key}"]`), cell(key)];
    const name = field("name", key).value;
    seat.item.remove();
    line.remove();
    seats.delete(key);
    say(form.dataset.off, { name });
    form.querySelector("[data-plan-add]").focus();
    return () => {
      form.querySelector('[data-seat="new"]').before(line);
      seats.set(key, seat);
      write(key, place);
    };
  }

  function pressed(event, key) {
    if (STEPS[event.key]) step(key, STEPS[event.key], event.shiftKey ? 1 : stride);
    else if (event.key === "Enter" || event.key === "F2") { field("name", key).focus(); field("name", key).select(); }
    else if (event.key === "Delete") { if (key.startsWith("new")) moves.push([key, remove(key)]); else if (cell(key)) move(key, null); }
    else if (event.key === "Escape") undo();
    else return;
    event.preventDefault();
  }

  /** The field under the pointer; null outside the plan. */
  function under(event) {
    const box = grid.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / (box.width / columns)) + 1;
    const row = Math.floor((event.clientY - box.top) / (box.height / rows)) + 1;
    return column >= 1 && row >= 1 && column <= columns && row <= rows ? { column, row } : null;
  }

  function dropped(event, key) {
    const place = under(event);
    if (place) move(key, place);
  }

  function begin(line) {
    const key = line.dataset.seat;
    if (key === "new") return;
    const item = document.createElement("li");
    const button = document.createElement("button");
    item.className = "dads-plan__seat";
    item.dataset.key = key;
    button.type = "button";
    button.setAttribute("aria-describedby", "plan-keys");
    item.replaceChildren(button);
    seats.set(key, { item, button });
    button.addEventListener("keydown", (event) => pressed(event, key));
    button.addEventListener("pointerdown", (event) => { button.setPointerCapture(event.pointerId); item.dataset.pressed = `${event.clientX} ${event.clientY}`; });
    button.addEventListener("pointermove", (event) => {
      if (!item.dataset.pressed) return;
      const [x, y] = item.dataset.pressed.split(" ").map(Number);
      // A finger that only presses trembles; that moves no desk.
      if (Math.hypot(event.clientX - x, event.clientY - y) > 6) item.dataset.dragged = "";
    });
    button.addEventListener("pointerup", (event) => {
      if ("dragged" in item.dataset) dropped(event, key);
      delete item.dataset.dragged;
      delete item.dataset.pressed;
    });
    button.addEventListener("pointercancel", () => { delete item.dataset.dragged; delete item.dataset.pressed; });
    for (const kind of ["name", "column", "row"]) field(kind, key).addEventListener("change", () => draw(key));
    // Enter ends the naming and leads back to the desk, instead of sending everything.
    field("name", key).addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      draw(key);
      button.focus();
    });
    draw(key);
  }

  form.querySelectorAll("[data-seat]").forEach(begin);
  form.querySelectorAll("[data-plan-scripted]").forEach((part) => { part.hidden = false; });
  form.querySelectorAll(".dads-plan__mark").forEach((mark) => mark.remove());
  form.querySelector("[data-plan-add]").addEventListener("click", () => add(firstFree()));
  form.querySelector("[data-plan-add]").addEventListener("keydown", (event) => { if (event.key === "Escape") undo(); });
  area.addEventListener("click", (event) => { if (!event.target.closest("button")) add(under(event)); });
}
