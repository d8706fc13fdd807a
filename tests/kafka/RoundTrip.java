import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.message.ApiMessageType;

/** Reads lines "request|response KEY VERSION HEX", and writes each message again as Kafka's own classes do. */
public class RoundTrip {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      ApiMessageType type = ApiMessageType.fromApiKey(Short.parseShort(words[1]));
      short version = Short.parseShort(words[2]);
      ApiMessage message = words[0].equals("request") ? type.newRequest() : type.newResponse();
      ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(words[3]));
      message.read(new ByteBufferAccessor(bytes), version);
      if (bytes.hasRemaining()) throw new IllegalStateException("bytes left: " + line);
      ByteBuffer out = MessageUtil.toByteBuffer(message, version);
      byte[] again = new byte[out.remaining()];
      out.get(again);
      System.out.println(HexFormat.of().formatHex(again));
    }
  }
}
