// Enhances pages that work without it: times in the reader's zone, the live view, the chart.
"use strict";
(function () {
  function times(root) {
    root.querySelectorAll("time").forEach(function (t) {
      const at = new Date(t.dateTime);
      if (!isNaN(at)) t.textContent = at.toLocaleString(undefined, { dateStyle: "short", timeStyle: "medium" });
    });
  }
  function charts() {
    document.querySelectorAll(".chart").forEach(function (box) {
      const rows = Array.from(document.querySelectorAll("#" + box.dataset.table + " tr[data-round]")).reverse();
      const number = function (key) { return rows.map(function (r) { return r.dataset[key] === "" ? null : Number(r.dataset[key]); }); };
      const style = getComputedStyle(document.body);
      const line = function (label, name, dash) { return { label: label, stroke: style.getPropertyValue(name), width: 2, dash: dash, points: { size: 6 } }; };
      const axis = { stroke: style.getPropertyValue("--soft"), grid: { stroke: style.getPropertyValue("--line") } };
      box.textContent = "";
      new uPlot({ width: Math.max(240, box.clientWidth), height: 260, scales: { x: { time: false } }, cursor: { drag: { x: false } },
        axes: [Object.assign({ label: "round" }, axis), Object.assign({}, axis)],
        series: [{ label: "round" }, line("accuracy", "--accent"), line("AUROC", "--warm", [6, 4])] },
        [number("round"), number("accuracy"), number("auroc")], box);
    });
  }
  function show() { times(document); charts(); }
  document.addEventListener("DOMContentLoaded", function () {
    show();
    const source = document.body.dataset.live;
    if (!source) return;
    const events = new EventSource(source);
    events.addEventListener("federation", function (event) {
      const sentence = document.getElementById("sentence");
      const said = JSON.parse(event.data).sentence;
      if (sentence.textContent !== said) sentence.textContent = said;
      // The first event too: something may have happened between the page and its stream.
      htmx.trigger(document.body, "federation");
    });
  });
  document.addEventListener("htmx:afterSettle", show);
})();
