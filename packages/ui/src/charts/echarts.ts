import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, LineChart, GridComponent, CanvasRenderer]);

/** A chart that draws and nothing else: pointer, labels and cursor belong to the overlay. */
export function createCanvasChart(container: HTMLElement): EChartsType {
  return init(container, null, { renderer: 'canvas', width: container.clientWidth, height: container.clientHeight });
}

export type { EChartsType } from 'echarts/core';
