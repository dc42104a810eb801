// The map beside the list of sites: a marker for each, drawn with Leaflet on boundaries of our own origin.
// Without this script the list stands alone, and says all that the map says.
"use strict";

const area = document.querySelector("[data-map]");
if (area && window.L) {
  const L = window.L;
  const cards = [...document.querySelectorAll("[data-site]")];
  const words = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  area.hidden = false;
  document.querySelector("[data-map-absent]")?.remove();
  const map = L.map(area, {
    preferCanvas: true, zoomControl: false, attributionControl: false, scrollWheelZoom: false,
    zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm, maxZoom: 17,
  });
  L.control.zoom({ zoomInTitle: area.dataset.in, zoomOutTitle: area.dataset.out }).addTo(map);
  const credits = L.control.attribution({ prefix: false }).addTo(map);
  const credit = (text) => {
    // Leaflet takes HTML here, and an operator's words are none.
    const words = document.createElement("span");
    words.textContent = text;
    if (text) credits.addAttribution(words.innerHTML);
  };
  credit(area.dataset.attribution);
  if (area.dataset.tiles) L.tileLayer(area.dataset.tiles, { maxZoom: 17 }).addTo(map);

  const spots = cards.map((card) => [Number(card.dataset.lat), Number(card.dataset.lon)]);
  if (spots.length) map.fitBounds(L.latLngBounds(spots).pad(0.2), { maxZoom: 14, animate: false });

  const marks = cards.map((card, number) => {
    const icon = L.divIcon({ className: "dads-map__mark", html: String(number + 1), iconSize: [40, 40], iconAnchor: [20, 20] });
    const mark = L.marker(spots[number], { icon, title: card.dataset.site, alt: card.dataset.site, riseOnHover: true });
    mark.addTo(map).on("click", () => choose(number, true));
    const element = mark.getElement();
    element.setAttribute("aria-label", words(area.dataset.mark, { number: number + 1, site: card.dataset.site }));
    element.dataset.state = card.dataset.state;
    element.addEventListener("focus", () => choose(number, false));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(number, true);
    });
    const button = card.querySelector("[data-map-show]");
    button.hidden = false;
    button.addEventListener("click", () => { choose(number, false); map.panTo(spots[number], { animate: !calm }); element.focus(); });
    return mark;
  });

  const leads = L.layerGroup().addTo(map);
  map.on("zoomend", spread);
  spread();

  /** Let no marker lie on another: one whose place is taken stands beside it, and a line leads to where its site is. */
  function spread() {
    const ROOM = 44;
    const taken = [];
    leads.clearLayers();
    marks.forEach((mark, number) => {
      const home = map.latLngToLayerPoint(spots[number]);
      const steps = [home, ...Array.from({ length: 96 }, (_, step) => {
        const ring = ROOM * (1 + Math.floor(step / 12)), turn = (step % 12) * Math.PI / 6;
        return home.add([Math.round(ring * Math.cos(turn)), Math.round(ring * Math.sin(turn))]);
      })];
      const spot = steps.find((step) => taken.every((other) => Math.max(Math.abs(other.x - step.x), Math.abs(other.y - step.y)) >= ROOM)) ?? home;
      taken.push(spot);
      mark.setLatLng(spot === home ? spots[number] : map.layerPointToLatLng(spot));
      if (spot !== home) L.polyline([spots[number], mark.getLatLng()], { className: "dads-map__lead", color: "currentColor", weight: 2, interactive: false }).addTo(leads);
    });
  }

  /** Mark one site on the map and in the list; bring its card into view where the list has been passed. */
  function choose(chosen, brings) {
    cards.forEach((card, number) => {
      card.toggleAttribute("data-chosen", number === chosen);
      marks[number]?.getElement().toggleAttribute("data-chosen", number === chosen);
    });
    if (!brings) return;
    cards[chosen].scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    cards[chosen].querySelector("a")?.focus({ preventScroll: true });
  }

  if (area.dataset.boundaries) {
    fetch(area.dataset.boundaries).then((answer) => (answer.ok ? answer.json() : null)).then((land) => {
      if (!land) return;
      const colour = (name) => getComputedStyle(area).getPropertyValue(name).trim();
      const style = { color: colour("--dads-line-strong"), weight: 1, fillColor: colour("--dads-surface"), fillOpacity: area.dataset.tiles ? 0 : 1 };
      L.geoJSON(land, { interactive: false, style }).addTo(map);
      credit(land.credit);
    }).catch(() => {});
  }
}
