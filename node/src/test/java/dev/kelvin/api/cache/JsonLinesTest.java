package dev.kelvin.api.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.api.FakeNode;
import dev.kelvin.member.Node;
import dev.kelvin.replica.Replica;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JSON line by line. */
class JsonLinesTest {
  private final Line line = Line.json(1 << 20);

  @AfterEach
  void nothingIsLeft() {
    line.close();
    assertEquals(0, line.budget.taken());
  }

  /** Single quotes for double ones. */
  private String ask(String request) {
    return line.send(request.replace('\'', '"') + "\n").text().replace('"', '\'');
  }

  private static String refusal(String message) {
    return "{'error':{'code':'invalid_argument','message':'" + message + "'}}\n";
  }

  @Test
  void putGetAndDelete() {
    assertEquals("{'id':7,'revision':2}\n", ask("{'op':'put','key':'k','value':'v','id':7}"));
    assertEquals(
        "{'id':'x','revision':2,'found':true,'value':'v','mod_revision':2}\n",
        ask("{'op':'get','key':'k','id':'x'}"));
    assertEquals("{'revision':3,'deleted':true}\n", ask("{'op':'delete','key':'k'}"));
    assertEquals("{'revision':3,'deleted':false}\n", ask("{'op':'delete','key':'k'}"));
    assertEquals(
        "{'id':-1.50,'revision':3,'found':false}\n", ask("{'id':-1.50,'op':'get','key':'k'}"));
  }

  @Test
  void aPutWithTimeIsOneProposal() {
    assertEquals("{'revision':2}\n", ask("{'op':'put','key':'k','value':'v','ttl':60}"));
    assertEquals(1, line.node.proposals.get());
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 0, 0, 0, 60}, Arrays.copyOf(line.node.lastPayload, 8));
    assertEquals("{'revision':3}\n", ask("{'op':'put','key':'k','value':'v','ttl':0}"));
    assertEquals(
        "{'error':{'code':'out_of_range','message':'etcdserver: too large lease TTL'}}\n",
        ask("{'op':'put','key':'k','value':'v','ttl':9000000001}"));
  }

  @Test
  void bytesGoAsBase64() {
    assertEquals(
        "{'revision':2}\n", ask("{'op':'put','key':'/w==','value':'AAD/','encoding':'base64'}"));
    assertEquals(
        "{'revision':2,'found':true,'value':'AAD/','mod_revision':2}\n",
        ask("{'op':'get','key':'/w==','encoding':'base64'}"));
    assertEquals(
        "{'revision':3}\n", ask("{'op':'put','key':'aw==','value':'/w==','encoding':'base64'}"));
    assertEquals(
        "{'error':{'code':'failed_precondition','message':'the value is not UTF-8: ask with \\'encoding\\':\\'base64\\''}}\n",
        ask("{'op':'get','key':'k'}"));
    assertEquals(
        refusal("value is not base64"),
        ask("{'op':'put','key':'aw==','value':'-','encoding':'base64'}"));
  }

  @Test
  void textIsUnicode() {
    ask("{'op':'put','key':'k','value':'\\u00e4\\ud83d\\ude00'}");
    assertEquals(
        "{'revision':2,'found':true,'value':'ä😀','mod_revision':2}\n",
        ask("{'op':'get','key':'k'}"));
    assertEquals(refusal("key has half of a surrogate pair"), ask("{'op':'get','key':'\\ud83d'}"));
    line.send(new byte[] {'{', '"', (byte) 0xff, '"', '\n'});
    assertEquals(refusal("not UTF-8"), line.text().replace('"', '\''));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|not a JSON object",
        "7|not a JSON object",
        "{}|op is missing: get, put or delete",
        "{'op':'get'}|key is missing",
        "{'op':'put','key':'k'}|value is missing",
        "{'op':'get','key':'k','value':'v'}|value is for op put",
        "{'op':'get','key':'k','ttl':1}|ttl is for op put",
        "{'op':'drop','key':'k'}|unknown op \\'drop\\': must be get, put or delete",
        "{'op':7,'key':'k'}|op must be a string",
        "{'op':'get','key':['k']}|key must be a string",
        "{'op':'get','key':'k','tll':1}|unknown field \\'tll\\'",
        "{'op':'put','key':'k','value':'v','ttl':-1}|ttl must be a whole number of seconds, from 0",
        "{'op':'put','key':'k','value':'v','ttl':1.5}|ttl must be a whole number of seconds, from 0",
        "{'op':'put','key':'k','value':'v','ttl':99999999999999999999}|ttl must be a whole number of seconds, from 0",
        "{'op':'get','key':'k','encoding':'hex'}|encoding must be utf8 or base64",
        "{'op':'get','key':'k','redirect':1}|redirect must be true or false",
        "{'op':'get','key':'k','id':null}|id must be a string or a number",
        "{'op':'get','key':'k'} {}|more than one value on a line",
      })
  void whatIsNoRequestIsAnErrorAndTheNextLineCounts(String request, String message) {
    assertEquals(refusal(message), ask(request));
    assertEquals("{'revision':1,'found':false}\n", ask("{'op':'get','key':'k'}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"nonsense", "{", "{'op':'get',", "{'op':'get','op':'put'}", "GET / HTTP/1.1", "x"})
  void whatIsNoJsonIsAnErrorAndTheNextLineCounts(String request) {
    var answer = ask(request);
    assertTrue(
        answer.startsWith("{'error':{'code':'invalid_argument','message':'not JSON: "), answer);
    assertEquals("{'revision':1,'found':false}\n", ask("{'op':'get','key':'k'}"));
  }

  @Test
  void anErrorEchoesTheIdThatCameBeforeIt() {
    assertEquals(
        "{'id':9,'error':{'code':'invalid_argument','message':'unknown field \\'x\\''}}\n",
        ask("{'id':9,'x':1}"));
  }

  @Test
  void theServersOwnErrorsAreToldWithTheirTexts() {
    assertEquals(
        refusal("etcdserver: key is not provided"), ask("{'op':'put','key':'','value':''}"));
    line.node.failure = Replica.Failure.TIMEOUT;
    assertEquals(
        "{'id':1,'error':{'code':'unavailable','message':'etcdserver: request timed out'}}\n",
        ask("{'op':'get','key':'k','id':1}"));
    line.node.failure = Replica.Failure.TOO_MANY_REQUESTS;
    assertEquals(
        "{'error':{'code':'resource_exhausted','message':'etcdserver: too many requests'}}\n",
        ask("{'op':'delete','key':'k'}"));
  }

  @Test
  void whoeverWantsToBeRedirectedIs() {
    assertEquals("{'revision':1,'found':false}\n", ask("{'op':'get','key':'k','redirect':true}"));
    line.node.leader = FakeNode.MEMBER + 1;
    line.node.otherLeader = Optional.of(new Node.Leader(1, "n2", "127.0.0.1:22392"));
    assertEquals(
        "{'id':7,'error':{'code':'not_leader','message':'this node does not lead','leader':{'name':'n2','address':'127.0.0.1:22392'}}}\n",
        ask("{'op':'put','key':'k','value':'v','redirect':true,'id':7}"));
    line.node.otherLeader = Optional.of(new Node.Leader(1, "n2", ""));
    assertEquals(
        "{'error':{'code':'not_leader','message':'this node does not lead','leader':{'name':'n2'}}}\n",
        ask("{'op':'get','key':'k','redirect':true}"));
    line.node.otherLeader = Optional.empty();
    assertEquals(
        "{'error':{'code':'unavailable','message':'etcdserver: no leader'}}\n",
        ask("{'op':'get','key':'k','redirect':true}"));
    assertEquals(0, line.node.proposals.get());
    // All others are served where they are.
    assertEquals("{'revision':2}\n", ask("{'op':'put','key':'k','value':'v'}"));
  }

  @Test
  void linesMayComeInAnyPiecesAndEndAsTheyLike() {
    var lines =
        "\n  \r\n{\"op\":\"put\",\"key\":\"a\",\"value\":\"1\"}\r\n\n{\"op\":\"get\",\"key\":\"a\"}\n";
    for (var b : lines.getBytes(StandardCharsets.UTF_8)) {
      line.send(new byte[] {b});
    }
    assertEquals(
        "{\"revision\":2}\n{\"revision\":2,\"found\":true,\"value\":\"1\",\"mod_revision\":2}\n",
        line.text());
  }

  @Test
  void aLineThatIsTooLongIsAnsweredBeforeItEndsAndSkipped() {
    int most = JsonLines.maxLine(Line.MAX_REQUEST);
    line.send("{\"op\":\"put\",\"key\":\"k\",\"value\":\"" + "x".repeat(most));
    var error = refusal("the line has more than " + most + " bytes");
    assertEquals(error, line.text().replace('"', '\''));
    line.send("x".repeat(most));
    assertEquals("", line.text());
    assertEquals("{'revision':1,'found':false}\n", ask("x\"}\n{'op':'get','key':'k'}"));
    // The same in one piece.
    assertEquals(
        error + "{'revision':1,'found':false}\n",
        ask("x".repeat(most + 1) + "\n{'op':'get','key':'k'}"));
  }

  @Test
  void aLineForWhichThereIsNoRoomIsAnsweredAndSkipped() {
    try (var small = Line.json(10_000)) {
      small.send("{\"op\":\"put\",\"key\":\"k\",\"value\":\"" + "x".repeat(8_000));
      assertEquals(
          "{\"error\":{\"code\":\"resource_exhausted\",\"message\":\"etcdserver: too many requests\"}}\n",
          small.text());
      small.send("\"}\n{\"op\":\"get\",\"key\":\"k\"}\n");
      assertEquals("{\"revision\":1,\"found\":false}\n", small.text());
      assertEquals(0, small.budget.taken());
    }
  }
}
