package dev.kelvin.app;

import dev.kelvin.store.NativeLibrary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code kelvin train DIR}: what makes every later start of this build by this JVM short. */
final class TrainCommand {
  static final String NAME = "train";

  private TrainCommand() {}

  static CommandSpec spec() {
    var train = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
    train
        .usageMessage()
        .width(100)
        .description(
            "Prepares fast starts: unpacks the native library into DIR, and gives a JVM that",
            "records (-XX:AOTCacheOutput=FILE) a node to learn from: three of them, in use, on",
            "loopback in a temporary directory, for a few seconds. Part of the build.");
    train.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("DIR")
            .index("0")
            .arity("1")
            .required(true)
            .type(Path.class)
            .description("For java.library.path of later starts.")
            .build());
    return train;
  }

  /** The first of the training's nodes, to be run as any other. */
  static CommandLineParser.Result run(ParseResult parsed, PrintWriter err) {
    try {
      Path directory = parsed.matchedPositionalValue(0, Path.of(""));
      NativeLibrary.unpack(Files.createDirectories(directory));
      var training = Training.prepare();
      return CommandLineParser.Result.run(training.first(), training::begin);
    } catch (IOException e) {
      err.println("kelvin: cannot train: " + e);
      return CommandLineParser.Result.exit(1);
    }
  }
}
