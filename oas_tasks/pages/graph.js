"use strict";
// The picture of a graph: moved, scaled, searched; a node that is chosen shows its neighbours.
(() => {
  const view = document.getElementById("view");
  const picture = view.querySelector("svg");
  const size = picture.viewBox.baseVal;
  const nodes = [...picture.querySelectorAll(".node")];
  const edges = [...picture.querySelectorAll("[data-edge]")].map((element) => {
    const [start, end] = element.dataset.edge.split(" ").map(Number);
    return { element, start, end };
  });
  const names = nodes.map((node) => node.querySelector("title").textContent);
  const search = document.getElementById("search");
  const note = document.getElementById("chosen");
  const hint = note.textContent;
  const LARGEST = 4;
  let scale = 1;
  let x = 0;
  let y = 0;
  let chosen = -1;

  function place() {
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  }

  /** All of it, but never larger than it is, and in a small window no smaller than can be read. */
  function fit(readable) {
    const { clientWidth, clientHeight } = view;
    const whole = Math.min(1, clientWidth / size.width, clientHeight / size.height);
    scale = readable ? Math.max(whole, 0.55) : whole;
    x = Math.max(0, (clientWidth - size.width * scale) / 2);
    y = Math.max(0, (clientHeight - size.height * scale) / 2);
    place();
  }

  function zoom(factor, atX = view.clientWidth / 2, atY = view.clientHeight / 2) {
    const smallest = Math.min(0.1, view.clientWidth / size.width, view.clientHeight / size.height);
    const next = Math.min(LARGEST, Math.max(smallest, scale * factor));
    x = atX - ((atX - x) * next) / scale;
    y = atY - ((atY - y) * next) / scale;
    scale = next;
    place();
  }

  /** Moves the picture so that a node is in sight. */
  function bring(index) {
    const box = nodes[index].getBoundingClientRect();
    const around = view.getBoundingClientRect();
    if (box.left < around.left || box.right > around.right) x += around.left + around.width / 2 - (box.left + box.right) / 2;
    if (box.top < around.top || box.bottom > around.bottom) y += around.top + around.height / 2 - (box.top + box.bottom) / 2;
    place();
  }

  function choose(index) {
    chosen = index === chosen ? -1 : index;
    picture.classList.toggle("chosen", chosen >= 0);
    const needs = edges.filter((edge) => edge.start === chosen);
    const users = edges.filter((edge) => edge.end === chosen);
    const lit = new Set([chosen, ...needs.map((edge) => edge.end), ...users.map((edge) => edge.start)]);
    nodes.forEach((node, at) => {
      node.classList.toggle("lit", chosen >= 0 && lit.has(at));
      node.classList.toggle("at", at === chosen);
      node.setAttribute("aria-pressed", at === chosen);
    });
    for (const edge of edges) edge.element.classList.toggle("lit", chosen >= 0 && (edge.start === chosen || edge.end === chosen));
    note.textContent = chosen < 0 ? hint : `${names[chosen]} refers to ${needs.length} of these, and ${users.length} of these refer to it.`;
  }

  function find() {
    const text = search.value.trim().toLowerCase();
    const hits = text ? nodes.filter((node, at) => names[at].toLowerCase().includes(text)) : [];
    picture.classList.toggle("searched", text !== "");
    for (const node of nodes) node.classList.toggle("hit", hits.includes(node));
    document.getElementById("found").textContent = text ? `${hits.length} found` : "";
    if (hits.length) bring(nodes.indexOf(hits[0]));
  }

  nodes.forEach((node, index) => {
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", names[index]);
    node.addEventListener("focus", () => { if (node.matches(":focus-visible")) bring(index); });
  });
  picture.setAttribute("role", "group");

  let pressed = null;
  const pointers = new Map();
  view.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    pressed = { fromX: event.clientX - x, fromY: event.clientY - y, moved: false };
  });
  view.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    if (pointers.size === 2) {
      const [one, other] = [...pointers.values()];
      const before = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      pointers.set(event.pointerId, event);
      const [a, b] = [...pointers.values()];
      const around = view.getBoundingClientRect();
      zoom(Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) / (before || 1), (a.clientX + b.clientX) / 2 - around.left, (a.clientY + b.clientY) / 2 - around.top);
      pressed.moved = true;
      return;
    }
    pointers.set(event.pointerId, event);
    const toX = event.clientX - pressed.fromX;
    const toY = event.clientY - pressed.fromY;
    if (!pressed.moved && Math.hypot(toX - x, toY - y) < 4) return;
    if (!pressed.moved) view.setPointerCapture(event.pointerId);
    pressed.moved = true;
    view.classList.add("moving");
    [x, y] = [toX, toY];
    place();
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    view.addEventListener(kind, (event) => {
      pointers.delete(event.pointerId);
      view.classList.remove("moving");
      const [left] = pointers.values(); // of two fingers one goes on
      if (left) pressed = { fromX: left.clientX - x, fromY: left.clientY - y, moved: true };
    });
  }
  view.addEventListener("click", (event) => {
    if (pressed && pressed.moved) return;
    const node = event.target.closest(".node");
    if (node) choose(nodes.indexOf(node));
    else if (chosen >= 0) choose(chosen);
  });
  view.addEventListener("wheel", (event) => {
    const around = view.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - around.left, event.clientY - around.top);
    event.preventDefault();
  }, { passive: false });
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "Escape") {
      if (search.value) {
        search.value = "";
        find();
      } else if (chosen >= 0) choose(chosen);
      return;
    }
    if (event.target === search) return;
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (event.key in moves) {
      x += moves[event.key][0];
      y += moves[event.key][1];
      place();
    } else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit(false);
    else if (event.key === "/") search.focus();
    else if ((event.key === "Enter" || event.key === " ") && event.target.closest(".node")) choose(nodes.indexOf(event.target.closest(".node")));
    else return;
    event.preventDefault();
  });
  search.addEventListener("input", find);
  document.getElementById("in").addEventListener("click", () => zoom(1.25));
  document.getElementById("out").addEventListener("click", () => zoom(0.8));
  document.getElementById("fit").addEventListener("click", () => fit(false));
  fit(true);
  if (nodes.length) bring(0);
  document.documentElement.dataset.ready = "true";
})();
