/** The process of a load generator: takes requests from its parent, answers with what it measured. */
import type { LoadAnswer, LoadRequest } from "./generator.ts";
import { driveInflux, type InfluxTraffic } from "./influx/drive.ts";
import { driveKafka, type KafkaTraffic } from "./kafka/drive.ts";
import { driveMqtt, type MqttTraffic } from "./mqtt/drive.ts";
import { driveRate, type RateTraffic } from "./redis/drive-rate.ts";

process.on("message", (request: LoadRequest) => {
  drive(request).then(
    (load) => answer({ load }),
    (error: unknown) => answer({ problem: String(error) }),
  );
});
process.on("disconnect", () => process.exit());

function drive({ protocol, port, traffic, operations }: LoadRequest) {
  if (protocol === "mqtt") return driveMqtt(port, traffic as MqttTraffic, operations);
  if (protocol === "influx") return driveInflux(port, traffic as InfluxTraffic, operations);
  if (protocol === "kafka") return driveKafka(port, traffic as KafkaTraffic, operations);
  if (protocol === "redis") return driveRate(port, traffic as RateTraffic, operations);
  return Promise.reject(new Error(`no traffic for ${protocol}`));
}

function answer(message: LoadAnswer): void {
  process.send?.(message);
}
