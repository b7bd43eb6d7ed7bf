package gateway.real;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;

/** Says where everything is. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record World(
    String direct,
    String plain,
    String tls,
    String mtls,
    String serverName,
    String ca,
    String wrongCa,
    String workerCert,
    String workerKey,
    String unmappedCert,
    String unmappedKey,
    String strangerCert,
    String strangerKey,
    String tokens) {

  static final String NAMESPACE = "sdk-java";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  static World read(String path) throws IOException {
    return new ObjectMapper().readValue(new File(path), World.class);
  }

  /** Asks for a token with one permission; a lifetime below zero is one that ended already. */
  String token(Duration lifetime, String permission) {
    String query = "?permission=" + permission + "&ttl=" + lifetime.toSeconds() + "&sub=sdk-java";
    HttpRequest request = HttpRequest.newBuilder(URI.create(tokens + query)).timeout(Duration.ofSeconds(10)).build();
    try {
      HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      Check.that(response.statusCode() == 200, "token service: " + response.statusCode() + " " + response.body());
      return response.body().strip();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("token service", e);
    }
  }

  /** A token of exactly one role in this program's namespace. */
  String writer() {
    return token(Duration.ofHours(1), NAMESPACE + ":write");
  }

  String reader() {
    return token(Duration.ofHours(1), NAMESPACE + ":read");
  }

  /** An id that no other run has. */
  static String unique(String what) {
    return what + "-" + UUID.randomUUID();
  }
}
