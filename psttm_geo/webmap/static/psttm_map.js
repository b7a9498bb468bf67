/* The layers of the territory: drawn once, then shown in the state that the page asks for. */
(function () {
  "use strict";

  var WORDS = {
    it: { residents: "residenti", outside: "fuori dal territorio", whole: "Tutto il territorio", zoomIn: "Ingrandisci", zoomOut: "Riduci", map: "Mappa", same: "Le tabelle della pagina dicono le stesse cose.", picture: "Scarica come immagine (PNG)", nameless: "senza nome", move: "Sposta", close: "Chiudi", reopen: "Riapri", undo: "Togli la modifica", where: "Un clic dove spostarlo; Esc annulla", aggiungi: "aggiunto", sposta: "spostato", chiudi: "chiuso" },
    en: { residents: "residents", outside: "outside the territory", whole: "Whole territory", zoomIn: "Zoom in", zoomOut: "Zoom out", map: "Map", same: "The tables of the page say the same.", picture: "Download as picture (PNG)", nameless: "no name", move: "Move", close: "Close", reopen: "Reopen", undo: "Remove the change", where: "Click where it goes; Esc cancels", aggiungi: "added", sposta: "moved", chiudi: "closed" }
  };
  var ZONE_LABEL_ZOOM = 9;
  var UNION_LABEL_ZOOM = 10.75;
  var FOCUS_ZOOM = 12;
  var FARTHEST_ZOOM = 8;
  var WHOLE_PADDING = [4, 4];
  var NARROW_PX = 500, BUTTONS_PX = 36; // on a narrow map the buttons would cover the territory
  /* What the map's credits take at the bottom of a file of its own, where the exclave would lie beneath them. */
  var CREDITS_PX = 20;
  var VIEW_DECIMALS = 4;
  var POINT_DECIMALS = 5;
  var REACHED_PADDING = [24, 24];
  var REACHED_ZOOM = 16;
  var SMALLEST_SHARE = 0.25;
  var HATCH_SIDE = 8;
  var MARK_SIDE = 9;
  var DOTS = [[11, 2], [13, 3], [15, 4.5], [Infinity, 6]];  /* radius of services below a zoom */
  var NEAR_PX = 4;
  var MARK_PX = 13;
  var STEADY_PX = 4;
  var PICTURE_SCALE = 2;
  var LONGEST_NAME = 60;

  var still = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function escaped(text) {
    var span = document.createElement("span");
    span.textContent = text;
    return span.innerHTML;
  }

  /* One map; where a figure has several, the first speaks for all to the page around. */
  function territoryMap(map, options, figure) {
    var first = !figure.maps.length;
    var state, bounds;
    var layers = {};
    var byCode = {};

    function words() { return WORDS[state.language]; }

    function grouped(number) {
      return String(number).replace(/\B(?=(\d{3})+$)/g, state.language === "en" ? "," : ".");
    }

    /* A hatched fill for what is not known: drawn once into the map's own SVG. */
    function addHatch() {
      var svg = map.getPane("overlayPane").querySelector("svg");
      if (!svg || svg.querySelector("#psttm-unknown")) return;
      var space = "http://www.w3.org/2000/svg";
      var pattern = document.createElementNS(space, "pattern");
      [["id", "psttm-unknown"], ["width", 7], ["height", 7], ["patternUnits", "userSpaceOnUse"], ["patternTransform", "rotate(45)"]]
        .forEach(function (pair) { pattern.setAttribute(pair[0], pair[1]); });
      [[7, options.colours.hatch[0]], [2.2, options.colours.hatch[1]]].forEach(function (bar) {
        var rect = document.createElementNS(space, "rect");
        rect.setAttribute("width", bar[0]);
        rect.setAttribute("height", 7);
        rect.setAttribute("fill", bar[1]);
        pattern.appendChild(rect);
      });
      svg.insertBefore(pattern, svg.firstChild);
    }

    /* Signs over any fill, as patterns on nothing: full dots, and rings where it is not known. */
    function addMarks() {
      var svg = map.getPane("overlayPane").querySelector("svg");
      if (!svg || svg.querySelector("#psttm-named")) return;
      var space = "http://www.w3.org/2000/svg";
      [["named", options.colours.marks[0]], ["named_unknown", "none"]].forEach(function (mark) {
        var pattern = document.createElementNS(space, "pattern");
        [["id", "psttm-" + mark[0]], ["width", MARK_SIDE], ["height", MARK_SIDE], ["patternUnits", "userSpaceOnUse"]]
          .forEach(function (pair) { pattern.setAttribute(pair[0], pair[1]); });
        var dot = document.createElementNS(space, "circle");
        [["cx", MARK_SIDE / 2], ["cy", MARK_SIDE / 2], ["r", 2.2], ["fill", mark[1]], ["stroke", options.colours.marks[1]], ["stroke-width", 1]]
          .forEach(function (pair) { dot.setAttribute(pair[0], pair[1]); });
        pattern.appendChild(dot);
        svg.insertBefore(pattern, svg.firstChild);
      });
    }

    function showMarks() {
      var marks = state.marks || {}, codes = Object.keys(marks), key = JSON.stringify(marks);
      if (key === layers.markKey) return;
      layers.markKey = key;
      addMarks();
      layers.named.clearLayers();
      codes.forEach(function (code) { if (byCode[code]) layers.named.addData(byCode[code].feature); });
      map.getContainer().dataset.marks = codes.length;
    }

    function markStyle(feature) {
      return { color: options.colours.outline, weight: 0.9, fillColor: "url(#psttm-" + state.marks[feature.properties.code] + ")", fillOpacity: 1 };
    }

    /* The same fill for a canvas. */
    function hatchPattern() {
      var tile = document.createElement("canvas"), ink = tile.getContext("2d");
      tile.width = tile.height = HATCH_SIDE;
      ink.fillStyle = options.colours.hatch[0];
      ink.fillRect(0, 0, HATCH_SIDE, HATCH_SIDE);
      ink.strokeStyle = options.colours.hatch[1];
      ink.lineWidth = 1.5;
      [-HATCH_SIDE, 0, HATCH_SIDE].forEach(function (shift) {
        ink.moveTo(shift, HATCH_SIDE);
        ink.lineTo(shift + HATCH_SIDE, 0);
      });
      ink.stroke();
      return ink.createPattern(tile, "repeat");
    }

    /* Outlines are drawn anew when others come, fills when others do. */
    function showAreas() {
      var wanted = state.areas || { shapes: "[]", values: '{"entries":[],"of":[]}' };
      var others = wanted.shapes !== layers.shapes;
      map.getContainer().style.background = state.areas && !state.reached ? options.colours.outside : "";
      if (others) layAreas(JSON.parse(wanted.shapes));
      layers.shapes = wanted.shapes;
      var opacity = state.tiles ? 0.55 : 1;
      map.getPane("psttm-areas").style.display = state.reached ? "none" : "";
      var key = [wanted.values, opacity].join();
      if (!others && key === layers.values) return;
      layers.values = key;
      var values = JSON.parse(wanted.values);
      layers.hatch = layers.hatch || hatchPattern();
      layers.areas.getLayers().forEach(function (area, position) {
        var entry = values.entries[values.of[position]], unknown = entry[1] === options.colours.unknown;
        var border = wanted.outlined ? options.colours.outline : unknown ? options.colours.hatch[1] : entry[1];
        area.said = entry[0];
        area.setStyle({ fillColor: unknown ? layers.hatch : entry[1], fillOpacity: opacity, color: border, weight: wanted.outlined ? 1 : 0.5, opacity: opacity });
      });
    }

    function ringCorners(steps) {
      var place = [0, 0], corners = [];
      for (var at = 0; at < steps.length; at += 2) {
        place = [place[0] + steps[at], place[1] + steps[at + 1]];
        corners.push([place[0] / options.steps, place[1] / options.steps]);
      }
      return corners;
    }

    function layAreas(shapes) {
      layers.areas.clearLayers();
      layers.canvas = layers.canvas || L.canvas({ pane: "psttm-areas" });
      shapes.forEach(function (polygons) {
        var corners = polygons.map(function (rings) { return rings.map(ringCorners); });
        layers.areas.addLayer(L.polygon(corners, { renderer: layers.canvas, pane: "psttm-areas", noClip: true, smoothFactor: 0 }));
      });
      map.getContainer().dataset.areas = shapes.length;
    }

    function fillOf(feature) {
      var fill = state.fills ? state.fills[feature.properties.code] : feature.properties.fill;
      return fill === options.colours.unknown ? "url(#psttm-unknown)" : fill;
    }

    function municipalityStyle(feature) {
      var blank = Boolean(state.reached);  /* what is reached from a place has the colours of classes */
      return { fill: blank || !state.areas, fillColor: blank ? "#fff" : fillOf(feature), fillOpacity: state.tiles ? (blank ? 0 : 0.55) : 1, color: options.colours.outline, weight: 0.7, opacity: 0.75 };
    }

    function reachedStyle(feature) {
      return { fillColor: feature.properties.fill, fillOpacity: state.tiles ? 0.5 : 0.9, color: options.colours.outline, weight: 0.8, opacity: 0.8 };
    }

    function tip(layer) {
      var facts = layer.feature.properties;
      var told = state.tips[facts.code];
      if (told) return "<b>" + escaped(facts.name) + "</b>" + escaped(told);
      return "<b>" + escaped(facts.name) + "</b>" + escaped(facts.zone) + (facts.unions[state.edition] ? "<br>" + escaped(facts.unions[state.edition]) : "") + "<br>" + grouped(facts.residents) + " " + words().residents;
    }

    function addMunicipality(feature, layer) {
      byCode[feature.properties.code] = layer;
      layer.on({
        mouseover: function () { if (!isSelected(layer)) layer.setStyle({ weight: 2, opacity: 1 }); },
        mouseout: function () { if (!isSelected(layer)) layer.setStyle({ weight: 0.7, opacity: 0.75 }); },
        click: function () {
          if (state.pointing || state.editing) return;
          figure.clicked = feature.properties.code;
          if (figure.tell && figure.clicked !== state.selected) figure.tell.clicked(figure.clicked);
        }
      });
      /* Chromium would stop at every one of the 133 outlines with the Tab key; table and search serve the keyboard. */
      layer.on("add", function () { layer.getElement().setAttribute("tabindex", "-1"); });
      layer.bindTooltip(tip, { sticky: true, className: "psttm-tip", direction: "auto", offset: [8, 0] });
    }

    function isSelected(layer) { return layer.feature.properties.code === state.selected; }

    function label(position, text, className) {
      return L.tooltip({ permanent: true, direction: "center", className: className, interactive: false, opacity: 1 })
        .setLatLng(position).setContent(escaped(text));
    }

    /* Where the map goes by itself depends on the screen; the page keeps in its address only where a person moved it. */
    function goTo(target, settings) {
      if (!first) return;
      layers.home = null;
      layers.homeTarget = [target, settings];
      map.once("moveend", function () {
        layers.home = [map.getCenter(), map.getZoom()];
        tellMoved();
      });
      map.fitBounds(target, settings);
    }

    /* A file of its own says above the territory what the map shows: the room that takes is left free. */
    function goToWhole(animate) {
      if (!figure.tell) showHeading();
      var long = layers.heading && layers.heading.classList.contains("psttm-long");
      var top = long ? layers.heading.offsetTop + layers.heading.offsetHeight : 0;
      var bottom = figure.tell ? 0 : CREDITS_PX;
      var side = map.getSize().x < NARROW_PX ? BUTTONS_PX : 0;
      goTo(bounds, {
        animate: animate,
        paddingTopLeft: [WHOLE_PADDING[0], WHOLE_PADDING[1] + top],
        paddingBottomRight: [WHOLE_PADDING[0] + side, WHOLE_PADDING[1] + bottom]
      });
    }

    function isMoved() {
      var home = layers.home;
      return !home || home[1] !== map.getZoom() ||
        map.latLngToLayerPoint(home[0]).distanceTo(map.latLngToLayerPoint(map.getCenter())) > 1;
    }

    function viewText() {
      var centre = map.getCenter();
      return [centre.lat, centre.lng].map(function (degrees) { return Number(degrees.toFixed(VIEW_DECIMALS)); })
        .concat(map.getZoom()).join();
    }

    function tellMoved() {
      var onItsWay = layers.home === null;
      if (!first || !figure.tell || !layers.drawn || onItsWay) return;
      var view = isMoved() ? viewText() : "";
      if (view !== layers.told) figure.tell.moved(view);
      layers.told = view;
    }

    /* In a frame of another size the map that was at home is at home again. */
    function fitAgain() {
      if (layers.home && !isMoved()) goTo(layers.homeTarget[0], Object.assign({}, layers.homeTarget[1], { animate: false }));
    }

    function draw(data) {
      bounds = L.latLngBounds(data.bounds);
      /* Only the first: two maps of unlike size would push each other back for ever. */
      if (first) map.setMaxBounds(bounds.pad(0.6));
      map.invalidateSize();
      /* The view first: shapes added before it would be drawn twice. */
      layers.told = state.view ? state.view.join() : "";
      if (state.view) map.setView([state.view[0], state.view[1]], state.view[2], { animate: false });
      else goToWhole(false);
      layers.ring.addData(data.ring);
      layers.municipalities.addData(data.municipalities);
      layers.zones.addData(data.zones);
      data.zones.features.forEach(function (feature) {
        layers.zoneLabels.addLayer(label(feature.properties.label, feature.properties.name, "psttm-zone-label"));
      });
      layers.unionFeatures = data.unions.features;
      if (first && !figure.tell) addLegend();
      layers.drawn = true;
      apply();
    }

    function showUnions() {
      layers.unions.clearLayers();
      layers.unionLabels.clearLayers();
      layers.unionFeatures.filter(function (feature) { return feature.properties.edition === state.edition; }).forEach(function (feature) {
        layers.unions.addData(feature);
        layers.unionLabels.addLayer(label(feature.properties.label, feature.properties.name.replace(/^Unione di Comuni /, "UC "), "psttm-union-label"));
      });
      map.getContainer().dataset.unions = layers.unionFeatures.filter(function (feature) {
        return feature.properties.edition === state.edition;
      }).map(function (feature) { return feature.properties.name; }).join("|");
    }

    function showSelection() {
      addHatch();
      layers.municipalities.setStyle(municipalityStyle);
      layers.selection.clearLayers();
      var changed = state.selected !== layers.shown;
      layers.shown = state.selected;
      var layer = state.selected && byCode[state.selected];
      if (!layer) {
        if (changed && !layers.opening) goToWhole(!still);
        return;
      }
      layers.selection.addData(layer.feature);
      layers.selection.addLayer(label(layer.getBounds().getCenter(), layer.feature.properties.name, "psttm-name"));
      if (changed && figure.clicked !== state.selected && !(layers.opening && state.view)) {
        goTo(layer.getBounds(), { maxZoom: FOCUS_ZOOM, animate: !still && !layers.opening, padding: [40, 40] });
      }
    }

    /* A place and what is reached from it; the map goes there where it is not in view, or too small to be seen. */
    function showReached() {
      map.getContainer().classList.toggle("psttm-pointing", state.pointing);
      var place = (state.point || []).join(), key = place + state.reached;
      if (layers.opening && state.view) layers.asked = place;
      layers.reached.setStyle(reachedStyle);
      if (key === layers.reachedKey) return;
      layers.reachedKey = key;
      layers.reached.clearLayers();
      layers.point.clearLayers();
      if (state.point) layers.point.addLayer(L.circleMarker(state.point, { pane: "psttm-point", interactive: false, radius: 6, weight: 3, color: options.colours.selected, fillColor: "#fff", fillOpacity: 1 }));
      if (!state.reached) return;
      layers.reached.addData(JSON.parse(state.reached));
      if (place !== layers.asked && !isInSight(layers.reached.getBounds())) {
        goTo(layers.reached.getBounds(), { animate: !still && !layers.opening, padding: REACHED_PADDING, maxZoom: REACHED_ZOOM });
      }
    }

    function isInSight(target) {
      var corners = [target.getNorthWest(), target.getSouthEast()].map(map.latLngToContainerPoint, map);
      var size = map.getSize();
      var share = Math.max((corners[1].x - corners[0].x) / size.x, (corners[1].y - corners[0].y) / size.y);
      return map.getBounds().contains(target) && share >= SMALLEST_SHARE;
    }

    function showTiles() {
      if (state.tiles && !layers.tiles) {
        layers.tiles = L.tileLayer(options.tiles, { attribution: options.attribution, maxZoom: options.closest }).addTo(map);
      } else if (!state.tiles && layers.tiles) {
        layers.tiles.remove();
        layers.tiles = null;
      }
      layers.ring.setStyle({ fillOpacity: state.tiles ? 0 : 1 });
    }

    function showCredits() {
      (layers.credits || []).forEach(function (credit) { map.attributionControl.removeAttribution(credit); });
      layers.credits = state.credits.map(escaped);
      layers.credits.forEach(function (credit) { map.attributionControl.addAttribution(credit); });
    }

    function showLabels() {
      var near = map.getZoom() >= UNION_LABEL_ZOOM;
      if (near && !map.hasLayer(layers.unionLabels)) layers.unionLabels.addTo(map);
      if (!near && map.hasLayer(layers.unionLabels)) layers.unionLabels.remove();
      var far = map.getZoom() >= ZONE_LABEL_ZOOM && map.getZoom() < FOCUS_ZOOM && !state.fills && !state.areas;
      if (far && !map.hasLayer(layers.zoneLabels)) layers.zoneLabels.addTo(map);
      if (!far && map.hasLayer(layers.zoneLabels)) layers.zoneLabels.remove();
    }

    function apply() {
      showTiles();
      showUnions();
      showSelection();
      showMarks();
      showAreas();
      showReached();
      showServices();
      showLabels();
      showHeading();
      showCredits();
      map.getContainer().setAttribute("role", "application");
      map.getContainer().setAttribute("aria-label", words().map + ": " + state.title + (figure.tell ? " " + words().same : ""));
      layers.opening = false;
      if (!first) return;
      nameControl(layers.reset, words().whole);
      nameControl(layers.picture, words().picture);
      nameControl(map.getContainer().querySelector(".leaflet-control-zoom-in"), words().zoomIn);
      nameControl(map.getContainer().querySelector(".leaflet-control-zoom-out"), words().zoomOut);
      document.documentElement.lang = state.language;
    }

    function nameControl(button, name) {
      button.title = name;
      button.setAttribute("aria-label", name);
    }

    /* Which of several maps this one is. */
    function showHeading() {
      if (!state.heading && !layers.heading) return;
      if (!layers.heading) {
        var control = L.control({ position: "topleft" });
        control.onAdd = function () { return (layers.heading = L.DomUtil.create("div", "psttm-heading")); };
        control.addTo(map);
      }
      layers.heading.textContent = state.heading;
      layers.heading.classList.toggle("psttm-long", state.heading.length > LONGEST_NAME);
      layers.heading.hidden = !state.heading;
    }

    /* Bottom left, where the territory has no municipality: at the bottom right lies San Colombano. */
    function addLegend() {
      var control = L.control({ position: "bottomleft" });
      control.onAdd = function () { return legendList(); };
      control.addTo(map);
    }

    function legendList(parent) {
      var list = L.DomUtil.create("ul", "psttm-legend", parent);
      state.legend.forEach(function (entry) {
        var item = L.DomUtil.create("li", "", list);
        var outline = entry[1] === options.colours.union;
        var fill = entry[1] === options.colours.unknown ? options.colours.hatch_css : options.colours.mark_css[entry[1]] || entry[1];
        L.DomUtil.create("i", outline ? "union" : "", item).style.background = outline ? "none" : fill;
        item.appendChild(document.createTextNode(entry[0]));
      });
      return list;
    }

    /* The map as it is, without what only a visitor needs; letters are those of the system, as pictures know no others. */
    function draft() {
      return htmlToImage.toCanvas(map.getContainer(), {
        pixelRatio: PICTURE_SCALE,
        filter: function (node) { return !node.classList || !node.matches(".leaflet-bar, .leaflet-popup, ul.psttm-legend"); }
      }).then(function (canvas) {
        canvas.style.width = map.getSize().x + "px";
        canvas.style.height = map.getSize().y + "px";
        return canvas;
      });
    }

    /* All maps of the figure on one sheet, under what they show and above what their colours mean, as a file. */
    function savePicture() {
      var hidden = L.DomUtil.create("div", "psttm-hidden", map.getContainer().parentNode);
      var sheet = L.DomUtil.create("div", "psttm-sheet", hidden);
      L.DomUtil.create("b", "", sheet).textContent = figure.maps.map(function (one) { return one.title(); }).join(" ");
      var row = L.DomUtil.create("div", "psttm-row", sheet);
      legendList(sheet);
      return Promise.all(figure.maps.map(function (one) { return one.draft(); })).then(function (drafts) {
        drafts.forEach(function (canvas) { row.appendChild(canvas); });
        return htmlToImage.toBlob(sheet, { pixelRatio: PICTURE_SCALE, backgroundColor: "#fff" });
      }).then(function (picture) {
        var link = document.createElement("a");
        link.download = pictureName();
        link.href = URL.createObjectURL(picture);
        link.click();
        URL.revokeObjectURL(link.href);
      }).finally(function () { hidden.remove(); });
    }

    function pictureName() {
      var plain = state.title.normalize("NFD").replace(/[^\w .,;:-]/g, "").toLowerCase();
      return "mappa_" + plain.split(/\W+/).filter(Boolean).join("_").slice(0, LONGEST_NAME) + ".png";
    }

    /* Services of a category as dots on a canvas, which lets the pointer through to what lies below: what it is on is
       found here. Changes stand above them, each with a sign of its own. */
    function showServices() {
      var text = state.services || "[]", changes = state.changes || '{"key":"","marks":[]}';
      map.getContainer().classList.toggle("psttm-editing", Boolean(state.editing));
      map.doubleClickZoom[state.editing ? "disable" : "enable"]();
      if (text === layers.serviceText && changes === layers.changeText) return;
      endMove();
      map.closePopup();
      if (text !== layers.serviceText) layServices(JSON.parse(text));
      layers.serviceText = text;
      layers.changeText = changes;
      layChanges(JSON.parse(changes));
    }

    function dotRadius() {
      return DOTS.filter(function (step) { return map.getZoom() < step[0]; })[0][1];
    }

    function layServices(rows) {
      layers.services.clearLayers();
      layers.radius = dotRadius();
      layers.dots = layers.dots || L.canvas({ pane: "psttm-services" });
      layers.items = rows.map(function (row) {
        var at = [row[0] / options.steps, row[1] / options.steps];
        var dot = L.circleMarker(at, { renderer: layers.dots, pane: "psttm-services", interactive: false, radius: dotRadius(), weight: 1.5, color: options.colours.selected, fillColor: options.colours.service, fillOpacity: 1 });
        layers.services.addLayer(dot);
        return { service: row[2], name: row[3], at: at, dot: dot };
      });
      map.getContainer().dataset.services = rows.length;
    }

    function layChanges(wanted) {
      var shown = {};
      layers.changes.clearLayers();
      layers.changeKey = wanted.key;
      layers.marks = wanted.marks.map(function (mark) {
        if (mark.service && mark.here) shown[mark.service] = mark.action;
        if (mark.action === "sposta" && mark.from) layers.changes.addLayer(moveLine(mark.from, mark.at));
        layers.changes.addLayer(sign(mark.action, mark.at));
        return mark;
      });
      layers.items.forEach(function (item) {
        item.gone = shown[item.service];
        item.dot.setStyle({ fillOpacity: item.gone ? 0 : 1, color: item.gone ? options.colours.outline : options.colours.selected, opacity: item.gone === "chiudi" ? 0 : 1 });
      });
      map.getContainer().dataset.changes = wanted.marks.length;
    }

    function sign(action, at) {
      var icon = L.divIcon({ className: "psttm-change psttm-change-" + action, iconSize: [20, 20], html: { aggiungi: "+", sposta: "→", chiudi: "×" }[action] });
      return L.marker(at, { pane: "psttm-changes", icon: icon, interactive: false, keyboard: false });
    }

    function moveLine(from, to) {
      return L.polyline([from, to], { pane: "psttm-changes", interactive: false, color: options.colours.change, weight: 2.5, dashArray: "2 5" });
    }

    function resizeDots() {
      var radius = dotRadius();
      if (layers.radius === radius) return;
      layers.radius = radius;
      layers.items.forEach(function (item) { item.dot.setRadius(radius); });
    }

    /* The change or the service under the pointer, changes first; places in pixels are kept for each zoom. */
    function itemAt(event) {
      var zoom = map.getZoom(), point = map.project(map.mouseEventToLatLng(event), zoom);
      var coarse = window.matchMedia("(pointer: coarse)").matches ? 2 : 1;
      function nearest(items, reach) {
        var best = null, bestPx = reach * coarse;
        items.forEach(function (item) {
          if (item.gone) return;
          if (item.zoom !== zoom) { item.zoom = zoom; item.point = map.project(item.at, zoom); }
          var away = item.point.distanceTo(point);
          if (away <= bestPx) { best = item; bestPx = away; }
        });
        return best;
      }
      return nearest(layers.marks, MARK_PX) || nearest(layers.items, dotRadius() + NEAR_PX);
    }

    function onControl(event) { return event.target.closest(".leaflet-control, .leaflet-popup"); }

    function itemName(item) {
      return escaped(item.name || words().nameless) + (item.action ? " (" + words()[item.action] + ")" : "");
    }

    function hover(event) {
      var item = layers.drag || onControl(event) || event.buttons ? null : itemAt(event);
      if (item === layers.hovered) return;
      layers.hovered = item;
      map.getContainer().classList.toggle("psttm-on-service", Boolean(item));
      if (item) layers.serviceTip.setLatLng(item.at).setContent(itemName(item)).addTo(map);
      else layers.serviceTip.remove();
    }

    function rounded(place) {
      return [place.lat, place.lng].map(function (degrees) { return Number(degrees.toFixed(POINT_DECIMALS)); });
    }

    function tellEdit(edit) {
      if (figure.tell) figure.tell.edited(JSON.stringify(Object.assign({ key: layers.changeKey }, edit)));
    }

    function moveTo(item, place) {
      tellEdit(Object.assign({ action: "sposta", at: rounded(place.wrap()) }, item.action ? { number: item.number } : { service: item.service }));
    }

    function press(event) {
      layers.pressed = [event.clientX, event.clientY];
      if (!state.editing || event.button || onControl(event) || layers.moving) return;
      var item = itemAt(event);
      if (!item) return;
      event.stopPropagation();
      event.preventDefault();
      layers.drag = { item: item };
      document.addEventListener("mousemove", drag);
      document.addEventListener("mouseup", drop);
    }

    function isSteady(event) {
      var from = layers.pressed || [event.clientX, event.clientY];
      return Math.max(Math.abs(event.clientX - from[0]), Math.abs(event.clientY - from[1])) < STEADY_PX;
    }

    function drag(event) {
      var dragged = layers.drag, place = map.mouseEventToLatLng(event);
      if (dragged.item.action === "chiudi" || (!dragged.sign && isSteady(event))) return;
      if (!dragged.sign) {
        layers.serviceTip.remove();
        map.closePopup();
        dragged.sign = sign("sposta", place);
        dragged.line = moveLine(dragged.item.from || dragged.item.at, place);
        layers.changes.addLayer(dragged.line).addLayer(dragged.sign);
      }
      dragged.sign.setLatLng(place);
      dragged.line.setLatLngs([dragged.item.from || dragged.item.at, place]);
    }

    function drop(event) {
      var dragged = layers.drag;
      document.removeEventListener("mousemove", drag);
      document.removeEventListener("mouseup", drop);
      layers.drag = null;
      if (!dragged || !dragged.sign) return;
      layers.dropped = true;
      layers.changeText = null;  /* what is drawn meanwhile goes with the next state, whatever it says */
      setTimeout(function () { layers.dropped = false; }, 0);
      moveTo(dragged.item, map.mouseEventToLatLng(event));
    }

    /* Before Leaflet hears of a click: what it was on, or what it only ends. */
    function click(event) {
      if (!state.editing || onControl(event)) return;
      var open = layers.menu && layers.menu.isOpen();  /* its element stays until it has faded */
      var item = isSteady(event) && !layers.moving ? itemAt(event) : null;
      if (!item && !open && !layers.dropped && event.detail < 2) return;
      event.stopPropagation();
      map.closePopup();
      if (item && !layers.dropped) offer(item);
    }

    function offer(item) {
      var box = L.DomUtil.create("div", "psttm-offer");
      L.DomUtil.create("b", "", box).innerHTML = itemName(item);
      function button(name, act) {
        var made = L.DomUtil.create("button", "", box);
        made.type = "button";
        made.textContent = words()[name];
        L.DomEvent.on(made, "click", function () { map.closePopup(); act(); });
      }
      if (item.action !== "chiudi") button("move", function () { beginMove(item); });
      if (item.action) button(item.action === "chiudi" ? "reopen" : "undo", function () { tellEdit({ action: "togli", number: item.number }); });
      else button("close", function () { tellEdit({ action: "chiudi", service: item.service }); });
      layers.menu = L.popup({ closeButton: false, offset: [0, -4] }).setLatLng(item.at).setContent(box).openOn(map);
      box.querySelector("button").focus({ preventScroll: true });
    }

    function beginMove(item) {
      layers.moving = item;
      var control = layers.hint = L.control({ position: "topleft" });
      control.onAdd = function () {
        var hint = L.DomUtil.create("div", "psttm-heading");
        hint.setAttribute("role", "status");
        hint.textContent = words().where;
        return hint;
      };
      control.addTo(map);
      map.getContainer().focus();  /* for the Escape key */
    }

    function endMove() {
      layers.moving = null;
      if (layers.hint) layers.hint.remove();
      layers.hint = null;
    }

    function edit(place) {
      var item = layers.moving;
      endMove();
      if (item) moveTo(item, place);
      else tellEdit({ action: "aggiungi", at: rounded(place.wrap()) });
    }

    function listenToEdits() {
      var container = map.getContainer();
      container.addEventListener("mousedown", press, true);
      container.addEventListener("click", click, true);
      container.addEventListener("mousemove", hover);
      container.addEventListener("keydown", function (event) { if (event.key === "Escape") endMove(); });
    }

    function addButtons() {
      var control = L.control({ position: "topright" });
      control.onAdd = function () {
        var bar = L.DomUtil.create("div", "leaflet-bar");
        L.DomEvent.disableClickPropagation(bar);
        layers.reset = addButton(bar, "⌂", function () {
          if (bounds) goToWhole(!still);
        });
        layers.picture = addButton(bar, "⤓", savePicture);
        return bar;
      };
      control.addTo(map);
    }

    function addButton(bar, sign, act) {
      var button = L.DomUtil.create("a", "psttm-button", bar);
      button.href = "#";
      button.setAttribute("role", "button");
      button.textContent = sign;
      L.DomEvent.on(button, "click", function (event) {
        L.DomEvent.preventDefault(event);
        act();
      });
      return button;
    }

    layers.opening = true;
    if (options.layers) figure.layers = options.layers;
    map.setMinZoom(FARTHEST_ZOOM);
    map.setMaxZoom(options.closest);
    map.attributionControl.setPrefix("Leaflet");
    map.attributionControl.addAttribution("ISTAT (CC BY 4.0)");
    L.control.scale({ imperial: false }).addTo(map);
    if (first) {
      L.control.zoom({ position: "topright" }).addTo(map);
      addButtons();
    }
    layers.ring = L.geoJSON(null, { interactive: false, style: { fillColor: options.colours.outside, fillOpacity: 1, color: "#fff", weight: 0.8 } }).addTo(map);
    layers.municipalities = L.geoJSON(null, { style: municipalityStyle, onEachFeature: addMunicipality }).addTo(map);
    layers.named = L.geoJSON(null, { interactive: false, style: markStyle }).addTo(map);
    layers.zones = L.geoJSON(null, { interactive: false, style: { fill: false, color: options.colours.outline, weight: 1.8 } }).addTo(map);
    layers.unions = L.geoJSON(null, { interactive: false, style: { fill: false, color: options.colours.union, weight: 3.5, dashArray: "7 5" } }).addTo(map);
    layers.selection = L.geoJSON(null, { interactive: false, style: { fill: false, color: options.colours.selected, weight: 3.5 } }).addTo(map);
    map.createPane("psttm-areas").style.zIndex = 390;
    layers.areas = L.featureGroup().bindTooltip(function (area) { return escaped(area.said); }, { sticky: true, className: "psttm-tip", direction: "auto", offset: [8, 0] }).addTo(map);
    map.createPane("psttm-reached").style.zIndex = 410;
    map.createPane("psttm-point").style.zIndex = 420;
    layers.reached = L.geoJSON(null, { pane: "psttm-reached", style: reachedStyle }).bindTooltip(function (layer) { return escaped(layer.feature.properties.tip); }, { sticky: true, className: "psttm-tip", direction: "auto", offset: [8, 0] }).addTo(map);
    layers.point = L.layerGroup().addTo(map);
    map.createPane("psttm-services").style.zIndex = 430;
    map.getPane("psttm-services").style.pointerEvents = "none";
    map.createPane("psttm-changes").style.zIndex = 440;
    layers.services = L.layerGroup().addTo(map);
    layers.changes = L.layerGroup().addTo(map);
    layers.items = layers.marks = [];
    layers.serviceTip = L.tooltip({ className: "psttm-tip psttm-service-tip", direction: "top", offset: [0, -6] });
    listenToEdits();
    layers.zoneLabels = L.layerGroup().addTo(map);
    layers.unionLabels = L.layerGroup();
    map.on("click", function (event) {
      if (state.pointing && figure.tell) figure.tell.pointed(rounded(event.latlng.wrap()).join());
      if (state.editing) edit(event.latlng);
    });
    map.on("zoomend", showLabels);
    map.on("zoomend", resizeDots);
    map.on("moveend", tellMoved);
    map.on("resize", fitAgain);

    return {
      title: function () { return state.title; },
      draft: draft,
      accept: function (wanted) { state = wanted; },
      show: function () {
        if (layers.drawn) apply();
        else draw(figure.layers);
      }
    };
  }

  /* Maps that show the territory together; `root` is marked once they are drawn. */
  function newFigure(root, tell) {
    var figure = { maps: [], tell: tell };
    figure.start = function (map, options) { figure.maps.push(territoryMap(map, options, figure)); };
    figure.show = function (states) {
      /* All know their state before one moves, and the others with it. */
      states.forEach(function (state, position) { figure.maps[position].accept(state); });
      figure.maps.forEach(function (one) { one.show(); });
      if (figure.selected !== states[0].selected) figure.clicked = null;
      figure.selected = states[0].selected;
      root.dataset.psttm = "drawn";
    };
    return figure;
  }

  /* Put maps into an element of a page, with their styles, as many as there are states.
     What the visitor does there is told: `tell.moved(view)`, empty where the map is at home, `tell.clicked(code)`,
     `tell.pointed(place)` and `tell.edited(edit)`. */
  function mount(parent, style, options, states, tell) {
    var sheet = L.DomUtil.create("style", "", parent);
    sheet.textContent = style;
    var root = L.DomUtil.create("div", "psttm-figure", parent);
    var figure = newFigure(root, tell);
    var maps = states.map(function (state, position) {
      var map = L.map(L.DomUtil.create("div", "", root), {
        center: options.start.slice(0, 2), zoom: options.start[2], zoomSnap: options.snap, zoomControl: false
      });
      /* Leaflet takes the focus at a press: the page must not scroll meanwhile, away from under the pointer. */
      map.getContainer().focus = HTMLElement.prototype.focus.bind(map.getContainer(), { preventScroll: true });
      figure.start(map, Object.assign({}, options, { layers: position ? null : options.layers }));
      return map;
    });
    maps.forEach(function (map) {
      maps.forEach(function (other) { if (other !== map) map.sync(other); });
    });
    var size = new ResizeObserver(function () {
      maps.forEach(function (map) { map.invalidateSize({ debounceMoveend: true }); });
    });
    size.observe(root);
    return {
      maps: maps,
      show: figure.show,
      remove: function () {
        size.disconnect();
        /* Leaflet ends a zoom, and tells of a new size, a quarter of a second later, even on a map that is gone. */
        maps.forEach(function (map) { map._animatingZoom = false; map.remove(); map.off(); });
        root.remove();
        sheet.remove();
      }
    };
  }

  window.psttm = Object.assign(newFigure(document.documentElement), { mount: mount });
})();
