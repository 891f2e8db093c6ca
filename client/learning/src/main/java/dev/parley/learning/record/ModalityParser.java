package dev.parley.learning.record;

import dev.parley.learning.record.ModalitySource.BinarySeries;
import dev.parley.learning.record.ModalitySource.BinarySeries.SampleFormat;
import dev.parley.learning.record.ModalitySource.CsvSeries;
import dev.parley.learning.record.ModalitySource.CsvSeries.Layout;
import dev.parley.learning.record.ModalitySource.ImageFiles;
import dev.parley.learning.record.ModalitySource.TableColumns;
import dev.parley.learning.record.ModalitySource.TextColumn;
import dev.parley.learning.yaml.YamlException;
import dev.parley.learning.yaml.YamlMapping;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The {@code modalities} block of a manifest. */
final class ModalityParser {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,31}");
    private static final int MOST_MODALITIES = 16;
    private static final int SMALLEST_SIDE = 4;
    private static final int LARGEST_SIDE = 1024;
    private static final int MOST_CHANNELS = 256;
    private static final int MOST_STEPS = 65_536;
    private static final double HIGHEST_RATE = 1e7;
    private static final double LOWEST_RATE = 1e-7;
    private static final double LARGEST_VALUE = 1e12;

    private final YamlMapping block;
    private final String name;

    private ModalityParser(YamlMapping block, String name) {
        this.block = block;
        this.name = name;
    }

    /** The modalities of records that are rows of a CSV file, in order. */
    static List<ModalitySource> parse(YamlMapping modalities) throws YamlException {
        List<ModalitySource> sources = new ArrayList<>();
        for (String name : modalities.keys()) {
            ModalityParser parser = named(modalities, name);
            sources.add(parser.modality());
            parser.block.refuseUnknownKeys();
        }
        if (sources.isEmpty() || sources.size() > MOST_MODALITIES) {
            throw modalities.refusal("expected 1 to " + MOST_MODALITIES + " modalities, got " + sources.size());
        }
        return sources;
    }

    /** The one modality of records that are images in an IDX file. */
    static Modality.Image parseOnlyImage(YamlMapping modalities) throws YamlException {
        if (modalities.keys().size() == 1) {
            ModalityParser parser = named(modalities, modalities.keys().getFirst());
            if (parser.block.required("type", Kind::of) == Kind.IMAGE) {
                Modality.Image image = parser.image();
                parser.block.refuseUnknownKeys();
                return image;
            }
        }
        throw modalities.refusal("expected exactly one modality, of type image, as the records are in IDX files");
    }

    private static ModalityParser named(YamlMapping modalities, String name) throws YamlException {
        if (!NAME.matcher(name).matches()) {
            throw modalities.refusal(
                    name, "expected a name of 1 to 32 lower-case letters, digits and '_', a letter first");
        }
        return new ModalityParser(modalities.block(name), name);
    }

    private ModalitySource modality() throws YamlException {
        return switch (block.required("type", Kind::of)) {
            case IMAGE -> new ImageFiles(image(), block.required("file", ManifestParser::name));
            case TEXT ->
                new TextColumn(
                        new Modality.Text(
                                name,
                                (int) block.whole("vocabulary", 4096, 16, 1 << 20),
                                (int) block.whole("max-tokens", 96, 1, 4096),
                                (int) block.whole("wide-vocabulary", 0, 0, 1 << 22)),
                        block.required("column", ManifestParser::name));
            case TABLE -> table();
            case SERIES -> series();
        };
    }

    private Modality.Image image() throws YamlException {
        int channels = (int) block.whole("channels", 1, 1, 3);
        if (channels == 2) {
            throw block.refusal("channels", "expected 1 (grey) or 3 (RGB)");
        }
        return new Modality.Image(name, channels, (int) block.whole("size", SMALLEST_SIDE, LARGEST_SIDE));
    }

    private enum Kind {
        IMAGE,
        TEXT,
        TABLE,
        SERIES;

        static Kind of(String value) {
            return switch (value) {
                case "image" -> IMAGE;
                case "text" -> TEXT;
                case "table" -> TABLE;
                case "series" -> SERIES;
                default -> throw new IllegalArgumentException("allowed are image, text, table and series");
            };
        }
    }

    private ModalitySource table() throws YamlException {
        List<TableColumns.Column> columns = new ArrayList<>();
        for (YamlMapping column : channelBlocks("columns")) {
            Channel channel = channel(column);
            columns.add(new TableColumns.Column(
                    channel,
                    column.optional("column", ManifestParser::name).orElse(channel.name()),
                    conversion(column),
                    values(column)));
            column.refuseUnknownKeys();
        }
        requireDistinct(
                "columns", columns.stream().map(TableColumns.Column::channel).toList());
        return new TableColumns(
                new Modality.Table(
                        name, columns.stream().map(TableColumns.Column::channel).toList()),
                columns);
    }

    private List<YamlMapping> channelBlocks(String key) throws YamlException {
        List<YamlMapping> blocks = block.blocks(key);
        if (blocks.size() > MOST_CHANNELS) {
            throw block.refusal(key, "expected at most " + MOST_CHANNELS + ", got " + blocks.size());
        }
        return blocks;
    }

    private void requireDistinct(String key, List<Channel> channels) throws YamlException {
        Set<String> names = new HashSet<>();
        for (Channel channel : channels) {
            if (!names.add(channel.name())) {
                throw block.refusal(key, "expected each name once, got '" + channel.name() + "' twice");
            }
        }
    }

    private static Channel channel(YamlMapping block) throws YamlException {
        String name = block.required("name", ManifestParser::name);
        String unit = block.required("unit", ManifestParser::name);
        double minimum = block.number("minimum", -LARGEST_VALUE, LARGEST_VALUE);
        double maximum = block.number("maximum", -LARGEST_VALUE, LARGEST_VALUE);
        if (!(minimum < maximum)) {
            throw block.refusal("maximum", "expected a number above minimum");
        }
        return new Channel(name, unit, minimum, maximum);
    }

    private static UnitConversion conversion(YamlMapping block) throws YamlException {
        double scale = block.number("scale", 1, -LARGEST_VALUE, LARGEST_VALUE);
        if (scale == 0) {
            throw block.refusal("scale", "expected a number other than 0");
        }
        return new UnitConversion(scale, block.number("offset", 0, -LARGEST_VALUE, LARGEST_VALUE));
    }

    private static Map<String, Double> values(YamlMapping column) throws YamlException {
        YamlMapping block = column.block("values");
        Map<String, Double> values = new LinkedHashMap<>();
        for (String cell : block.keys()) {
            values.put(cell.strip(), block.number(cell, -LARGEST_VALUE, LARGEST_VALUE));
        }
        return values;
    }

    private ModalitySource series() throws YamlException {
        int steps = (int) block.whole("steps", 1, MOST_STEPS);
        double rate = rate(block);
        YamlMapping source = block.block("source");
        if (!source.has("binary") && !source.has("long") && !source.has("wide")) {
            throw block.refusal("source", "expected {binary: FILE, ...}, {long: FILE, ...} or {wide: FILE, ...}");
        }
        boolean binary = source.has("binary");
        List<Channel> channels = new ArrayList<>();
        List<UnitConversion> conversions = new ArrayList<>();
        List<String> from = new ArrayList<>();
        List<Integer> at = new ArrayList<>();
        for (YamlMapping channel : channelBlocks("channels")) {
            Channel declared = channel(channel);
            channels.add(declared);
            conversions.add(conversion(channel));
            if (binary) {
                at.add((int) channel.whole("at", 0, MOST_CHANNELS - 1));
            } else {
                from.add(channel.optional("from", ManifestParser::name).orElse(declared.name()));
            }
            channel.refuseUnknownKeys();
        }
        requireDistinct("channels", channels);
        Modality.Series series = new Modality.Series(name, channels, steps, rate);
        ModalitySource parsed =
                binary ? binary(source, series, conversions, at) : csv(source, series, conversions, from);
        source.refuseUnknownKeys();
        return parsed;
    }

    private static double rate(YamlMapping block) throws YamlException {
        return block.number("rate-hertz", LOWEST_RATE, HIGHEST_RATE);
    }

    private ModalitySource binary(
            YamlMapping source, Modality.Series series, List<UnitConversion> conversions, List<Integer> at)
            throws YamlException {
        SampleFormat format = source.required("format", value -> switch (value) {
            case "int16-le" -> SampleFormat.INT16_LE;
            case "float32-le" -> SampleFormat.FLOAT32_LE;
            default -> throw new IllegalArgumentException("allowed are int16-le and float32-le");
        });
        int storedChannels = (int) source.whole("channels", 1, MOST_CHANNELS);
        for (int position : at) {
            if (position >= storedChannels) {
                throw block.refusal(
                        "channels",
                        "expected 'at' from 0 to " + (storedChannels - 1) + " (source.channels), got " + position);
            }
        }
        return new BinarySeries(
                series,
                conversions,
                at,
                source.required("binary", ManifestParser::relative),
                format,
                source.required("index", ManifestParser::name),
                storedChannels,
                (int) source.whole("steps", 1, MOST_STEPS),
                rate(source));
    }

    private ModalitySource csv(
            YamlMapping source, Modality.Series series, List<UnitConversion> conversions, List<String> from)
            throws YamlException {
        boolean rowPerMeasurement = source.has("long");
        double halfStep = 0.5 / series.rateHertz();
        if (new HashSet<>(from).size() != from.size()) {
            throw block.refusal("channels", "expected each 'from' once");
        }
        return new CsvSeries(
                series,
                conversions,
                from,
                source.required(rowPerMeasurement ? "long" : "wide", ManifestParser::relative),
                source.required("record", ManifestParser::name),
                source.required("time", ManifestParser::name),
                source.required("time-unit", ModalityParser::secondsPerUnit),
                block.number("tolerance-seconds", halfStep, 0, LARGEST_VALUE),
                rowPerMeasurement
                        ? new Layout.RowPerMeasurement(
                                source.required("channel", ManifestParser::name),
                                source.required("value", ManifestParser::name))
                        : new Layout.ColumnPerChannel());
    }

    private static double secondsPerUnit(String unit) {
        return switch (unit) {
            case "milliseconds" -> 1e-3;
            case "seconds" -> 1;
            case "minutes" -> 60;
            case "hours" -> 3600;
            default -> throw new IllegalArgumentException("allowed are milliseconds, seconds, minutes and hours");
        };
    }
}
