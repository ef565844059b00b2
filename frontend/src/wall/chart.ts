// Reports by hour beside the same weekday: bars of today, a line for the mean, a band where such days usually lie.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { h } from "../dom";
import { palette } from "../map/symbols";
import { px, word, type Heat } from "./facts";
import type { Chosen } from "./hours";

use([BarChart, LineChart, GridComponent, CanvasRenderer]);

export class HourChart {
  private readonly chart: EChartsType;

  constructor(
    private readonly box: HTMLElement,
    choose: (hour: Chosen) => void,
  ) {
    this.chart = init(box, null, { renderer: "canvas" });
    box.setAttribute("role", "img");
    this.chart.getZr().on("click", (e) => {
      const [hour] = this.chart.convertFromPixel({ gridIndex: 0 }, [e.offsetX, e.offsetY]) as [number, number];
      choose(hour >= 0 && hour < 24 ? hour : null);
    });
  }

  draw(heat: Heat, chosen: Chosen): void {
    const p = palette();
    const size = Math.max(11, px(18));
    const font = { fontSize: size, color: p.ink2, fontFamily: getComputedStyle(document.body).fontFamily };
    const { hours } = heat;
    const named = Math.max(0, ...hours.map((each) => Math.max(each.now, each.high ?? 0)));
    this.box.setAttribute("aria-label", hours.filter((each) => each.hour <= heat.hour_now).map((each) => `${each.hour}:00 ${each.now}`).join(", "));
    this.chart.setOption(
      {
        animation: false,
        grid: { left: size * 2.2, right: size * 0.6, top: size * 1.7, bottom: size * 1.5 },
        xAxis: { type: "category", data: hours.map((each) => String(each.hour)), axisTick: { show: false }, axisLine: { lineStyle: { color: p.edge } }, axisLabel: { ...font, interval: 2 } },
        yAxis: { type: "value", min: 0, max: named < 4 ? 4 : undefined, minInterval: 1, splitNumber: 2, splitLine: { lineStyle: { color: p.line } }, axisLabel: font },
        series: [
          { type: "line", stack: "usual", symbol: "none", step: "middle", silent: true, lineStyle: { width: 0 }, data: hours.map((each) => each.low) },
          { type: "line", stack: "usual", symbol: "none", step: "middle", silent: true, lineStyle: { width: 0 }, areaStyle: { color: p.slate, opacity: 0.22 },
            data: hours.map((each) => (each.high === null || each.low === null ? null : each.high - each.low)) },
          { type: "bar", barWidth: "62%", silent: true,
            data: hours.map((each) => ({
              value: each.hour > heat.hour_now ? null : each.now,
              // The running hour is not over: hollow, so that nobody reads a fall into it.
              itemStyle: each.hour === heat.hour_now ? { color: "transparent", borderColor: p.violet, borderWidth: 2, borderType: "dashed" } : { color: p.violet, opacity: chosen === null || chosen === each.hour ? 1 : 0.4 },
            })),
            label: { show: true, position: "top", ...font, color: p.ink, formatter: ({ dataIndex, value }: { dataIndex: number; value: unknown }) => (value && (chosen === dataIndex || (chosen === null && hours[dataIndex]!.now === Math.max(...hours.map((each) => each.now)))) ? String(value) : "") } },
          { type: "line", symbol: "none", step: "middle", silent: true, lineStyle: { color: p.ink, width: Math.max(1.5, px(2)), type: "dashed" }, data: hours.map((each) => each.mean) },
        ],
      },
      { notMerge: true },
    );
    this.chart.resize();
  }

  /** The chart as a picture that can stand alone: what it shows, of whom and when, and what its lines mean. */
  picture(title: string, foot: string, legend: string): string {
    const p = palette();
    const drawn = document.createElement("canvas"), g = drawn.getContext("2d")!;
    const held = this.chart.renderToCanvas({ pixelRatio: 2, backgroundColor: p.surface });
    const line = Math.max(32, px(48));
    drawn.width = held.width;
    drawn.height = held.height + 3.4 * line;
    g.fillStyle = p.surface;
    g.fillRect(0, 0, drawn.width, drawn.height);
    g.drawImage(held, 0, 1.4 * line);
    const write = (words: string, y: number, size: number, colour: string): void => {
      g.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
      g.fillStyle = colour;
      g.fillText(words, line / 2, y, drawn.width - line);
    };
    write(title, line, 0.8 * line, p.ink);
    write(legend, held.height + 2.2 * line, 0.55 * line, p.ink2);
    write(foot, held.height + 3 * line, 0.55 * line, p.ink2);
    return drawn.toDataURL("image/png");
  }

  /** The lines and bars in words, for the row below the chart. */
  static legend(heat: Heat): Node[] {
    const row = (sign: string, words: string): HTMLElement => h("span", {}, h("b", { "aria-hidden": "true" }, sign), ` ${words}`);
    const today = row("■", word("today"));
    return heat.n ? [today, row("┄", word("same_weekday", { n: heat.n })), row("▒", word("usual"))] : [today];
  }
}
