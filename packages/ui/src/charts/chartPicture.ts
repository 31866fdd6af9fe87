import { formatClock, formatSpan, zoneLabel } from '../format/time.ts';
import type { PictureFrame } from '../panel/panelExport.ts';
import { endLabels } from './EndLabels.tsx';
import { type ChartGeometry, timeToX } from './geometry.ts';
import { endMs, type TimeChartModel } from './model.ts';
import type { ChartPalette } from './palette.ts';

const SCALE = 2;
const HEAD_PX = 56;
const PADDING_PX = 12;
const HATCH_PX = 5;

/** A PNG of a chart that stands by itself: title, source, range, zone, legend, and what is provisional. */
export async function chartPicture(input: {
  readonly frame: PictureFrame;
  readonly canvas: HTMLCanvasElement;
  readonly model: TimeChartModel;
  readonly geometry: ChartGeometry;
  readonly palette: ChartPalette;
  readonly zone: string;
}): Promise<Blob> {
  const { frame, canvas, model, geometry, palette, zone } = input;
  const picture = document.createElement('canvas');
  picture.width = geometry.size.width * SCALE;
  picture.height = (geometry.size.height + HEAD_PX) * SCALE;
  const context = picture.getContext('2d');
  if (!context) throw new Error('This browser gives no 2D canvas');
  context.scale(SCALE, SCALE);
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, geometry.size.width, geometry.size.height + HEAD_PX);
  drawHead(
    context,
    frame,
    `${formatSpan(model.startMs, endMs(model), zone)} ${zoneLabel(model.startMs, zone)}`,
    palette,
  );
  drawLegend(context, model, palette, zone);
  context.translate(0, HEAD_PX);
  drawHatch(context, model, geometry, palette);
  context.drawImage(canvas, 0, 0, geometry.size.width, geometry.size.height);
  drawLabels(context, geometry, palette);
  return new Promise((resolve, reject) => {
    picture.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be encoded'))),
      'image/png',
    );
  });
}

function drawHead(context: CanvasRenderingContext2D, frame: PictureFrame, span: string, palette: ChartPalette) {
  context.textBaseline = 'middle';
  context.fillStyle = palette.textStrong;
  context.font = `600 13px ${palette.fontFamily}`;
  context.fillText(frame.title, PADDING_PX, 18);
  const titlePx = context.measureText(frame.title).width;
  context.fillStyle = palette.tick;
  context.font = `400 11px ${palette.fontFamily}`;
  context.fillText(`${frame.source}  ·  ${span}`, PADDING_PX + titlePx + 12, 18);
}

function drawLegend(context: CanvasRenderingContext2D, model: TimeChartModel, palette: ChartPalette, zone: string) {
  let x = PADDING_PX;
  context.font = `400 11px ${palette.fontFamily}`;
  for (const series of model.plots.flatMap((plot) => plot.series)) {
    context.fillStyle = palette.series(series.colour);
    context.fillRect(x, series.mark === 'line' ? 39 : 36, 10, series.mark === 'line' ? 2 : 7);
    context.fillStyle = palette.text;
    context.fillText(series.name, x + 15, 40);
    x += 15 + context.measureText(series.name).width + 14;
  }
  context.fillStyle = palette.tick;
  context.fillText(`provisional after ${formatClock(Math.max(model.startMs, model.finalThroughMs), zone)}`, x, 40);
}

function drawHatch(
  context: CanvasRenderingContext2D,
  model: TimeChartModel,
  geometry: ChartGeometry,
  palette: ChartPalette,
) {
  const left = timeToX(geometry, Math.max(model.startMs, Math.min(model.finalThroughMs, geometry.toMs)));
  context.save();
  context.beginPath();
  context.rect(left, 0, geometry.right - left, geometry.bottom);
  context.clip();
  context.strokeStyle = palette.hatch;
  context.beginPath();
  for (let x = left - geometry.bottom; x < geometry.right; x += HATCH_PX * Math.SQRT2) {
    context.moveTo(x, geometry.bottom);
    context.lineTo(x + geometry.bottom, 0);
  }
  context.stroke();
  context.restore();
}

function drawLabels(context: CanvasRenderingContext2D, geometry: ChartGeometry, palette: ChartPalette) {
  for (const label of endLabels(geometry)) {
    const x = geometry.right + PADDING_PX;
    context.fillStyle = palette.textStrong;
    context.font = `600 11px ${palette.fontFamily}`;
    context.fillText(label.value, x, label.y);
    const valuePx = context.measureText(label.value).width;
    context.fillStyle = palette.text;
    context.font = `400 11px ${palette.fontFamily}`;
    context.fillText(label.name, x + valuePx + 4, label.y);
  }
}
