package dev.parley.privacy.transparency;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.privacy.update.ContentHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against vectors of others: leaves, roots and proofs are those of the certificate-transparency reference
 * implementation; the roots of larger trees, and the hashes of single nodes, those of transparency-dev/merkle.
 */
class MerkleTreeTest {
    private static final List<byte[]> LEAVES = java.util.stream.Stream.of(
                    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
            .map(HexFormat.of()::parseHex)
            .toList();

    private static final List<String> ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static final String A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
    private static final String B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
    private static final String C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
    private static final String D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
    private static final String E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
    private static final String F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

    /** Complete subtrees by the definition of RFC 6962, section 2.1. */
    static MerkleTree.CompleteNodes nodesOf(List<byte[]> entries) {
        return (level, index) ->
                defined(entries.subList(Math.toIntExact(index << level), Math.toIntExact((index + 1) << level)));
    }

    private static byte[] defined(List<byte[]> entries) {
        if (entries.size() == 1) {
            return MerkleTree.leafHash(entries.getFirst());
        }
        int split = Integer.highestOneBit(entries.size() - 1);
        return MerkleTree.nodeHash(defined(entries.subList(0, split)), defined(entries.subList(split, entries.size())));
    }

    @Test
    void singleHashesAreTheReferences() {
        assertEquals(
                "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
                HexFormat.of().formatHex(MerkleTree.leafHash("L123456".getBytes())));
        assertEquals(
                "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
                HexFormat.of().formatHex(MerkleTree.nodeHash("N123".getBytes(), "N456".getBytes())));
    }

    @Test
    void rootsAreTheReferences() throws Exception {
        MerkleFrontier frontier = new MerkleFrontier();
        for (int size = 0; size <= LEAVES.size(); size++) {
            assertEquals(ROOTS.get(size), frontier.root().hex(), "appended to " + size);
            assertEquals(ROOTS.get(size), MerkleTree.root(nodesOf(LEAVES), size).hex(), "computed of " + size);
            if (size < LEAVES.size()) {
                frontier.append(MerkleTree.leafHash(LEAVES.get(size)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10, VjWMPSYNtCuCNlF/RLnQy6HcwSk6CIipfxm+hettA+4=",
        "15, j4SulYmocFuxdeyp12xXCIgK6PekBcxzAIj4zbQzNEI=",
        "16, c+4Uc6BCMOZf/v3NZK1kqTUJe+bBoFtOhP+P3SayKRE=",
        "100, dUh9hYH88p0CMoHkdr1wC2szbhcLAXOejWpINIooKUY=",
        "255, SmdsuKUqiod3RX2jyF2M6JnbdE4QuTwwipfAowI4/i0=",
        "256, qFI0t/tZ1MdOYgyPpPzHFiZVw86koScXy9q3FU5casA=",
        "1000, RXrgb8xHd55Y48FbfotJwCbV82Kx22LZfEbmBGAvwlQ=",
        "4095, cWRFdQhPcjn9WyBXE/r1f04ejxIm5lvg40DEpRBVS0w=",
        "4096, 6uU/phfHg1n/GksYT6TO9aN8EauMCCJRl3dIK0HDs2M=",
        "10000, VZcav65F9haHVRk3wre2axFoBXRNeUh/1d9d5FQfxIg=",
        "65535, iPuVYJhP6SEE4gUFp8qbafd2rYv9YTCDYqAxCj8HdLM="
    })
    void rootsOfLargerTreesAreTheReferences(int size, String root) {
        MerkleFrontier frontier = new MerkleFrontier();
        for (int i = 0; i < size; i++) {
            frontier.append(MerkleTree.leafHash(new byte[] {(byte) i, (byte) (i >> 8)}));
        }

        assertEquals(root, Base64.getEncoder().encodeToString(frontier.root().bytes()));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, ''",
        "0, 8, " + A + " " + B + " " + C,
        "5, 8, " + D + " " + E + " d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "2, 3, fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "1, 5, 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d " + B + " " + D
    })
    void inclusionProofsAreTheReferences(int index, int size, String path) throws Exception {
        InclusionProof proof = InclusionProof.of(nodesOf(LEAVES), index, size);

        assertEquals(hashes(path), proof.path());
        assertTrue(proof.proves(MerkleTree.leafHash(LEAVES.get(index)), new ContentHash(ROOTS.get(size))));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, ''",
        "1, 8, " + A + " " + B + " " + C,
        "6, 8, " + F + " " + E + " d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "2, 5, " + B + " " + D
    })
    void consistencyProofsAreTheReferences(int old, int size, String path) throws Exception {
        ConsistencyProof proof = ConsistencyProof.of(nodesOf(LEAVES), old, size);

        assertEquals(hashes(path), proof.path());
        assertTrue(proof.proves(new ContentHash(ROOTS.get(old)), new ContentHash(ROOTS.get(size))));
    }

    private static List<ContentHash> hashes(String path) {
        return path.isBlank()
                ? List.of()
                : java.util.Arrays.stream(path.split(" ")).map(ContentHash::new).toList();
    }

    /** Every proof between trees of up to 40 leaves proves what it is for and, under each slight change, nothing. */
    @Test
    void proofsProveWhatTheyAreForAndNothingElse() throws Exception {
        List<byte[]> entries = new ArrayList<>();
        List<ContentHash> roots = new ArrayList<>(List.of(MerkleTree.EMPTY_ROOT));
        for (int i = 0; i < 40; i++) {
            entries.add(new byte[] {(byte) i});
            roots.add(MerkleTree.root(nodesOf(entries), i + 1));
        }
        for (int size = 1; size <= 40; size++) {
            for (int index = 0; index < size; index++) {
                InclusionProof proof = InclusionProof.of(nodesOf(entries), index, size);
                byte[] leaf = MerkleTree.leafHash(entries.get(index));
                assertTrue(proof.proves(leaf, roots.get(size)));
                assertFalse(proof.proves(MerkleTree.leafHash(entries.get((index + 1) % 40)), roots.get(size)));
                assertFalse(proof.proves(leaf, roots.get(size - 1)));
                for (List<ContentHash> changed : changed(proof.path())) {
                    assertFalse(new InclusionProof(index, size, changed).proves(leaf, roots.get(size)));
                }
                int elsewhere = (index + 1) % size;
                assertTrue(elsewhere == index
                        || !new InclusionProof(elsewhere, size, proof.path()).proves(leaf, roots.get(size)));
            }
            for (int old = 0; old <= size; old++) {
                ConsistencyProof proof = ConsistencyProof.of(nodesOf(entries), old, size);
                assertTrue(proof.proves(roots.get(old), roots.get(size)));
                if (old > 0) {
                    assertFalse(proof.proves(roots.get(old - 1), roots.get(size)));
                    assertFalse(proof.proves(roots.get(old), roots.get(size - 1)));
                    for (List<ContentHash> changed : changed(proof.path())) {
                        assertFalse(new ConsistencyProof(old, size, changed).proves(roots.get(old), roots.get(size)));
                    }
                }
            }
        }
    }

    /** Each hash with a bit flipped, one left out, one too many. */
    private static List<List<ContentHash>> changed(List<ContentHash> path) {
        List<List<ContentHash>> all = new ArrayList<>();
        for (int i = 0; i < path.size(); i++) {
            byte[] flipped = path.get(i).bytes();
            flipped[i % flipped.length] ^= 1;
            List<ContentHash> one = new ArrayList<>(path);
            one.set(i, ContentHash.ofDigest(flipped));
            all.add(one);
            List<ContentHash> shorter = new ArrayList<>(path);
            shorter.remove(i);
            all.add(shorter);
        }
        List<ContentHash> longer = new ArrayList<>(path);
        longer.add(MerkleTree.EMPTY_ROOT);
        all.add(longer);
        return all;
    }

    /** Nodes out of tiles are the nodes of the tree, also between tile levels and at the right edge. */
    @Test
    void tilesHoldTheTree() throws Exception {
        int size = 2 * 256 + 77;
        List<byte[]> entries = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            entries.add(new byte[] {(byte) i, (byte) (i >> 8)});
        }
        MerkleTree.CompleteNodes defined = nodesOf(entries);
        TiledNodes tiled = new TiledNodes(address -> tile(defined, address), size);

        for (int level = 0; level <= 9; level++) {
            for (long index = 0; (index + 1) << level <= size; index++) {
                assertArrayEquals(defined.node(level, index), tiled.node(level, index), level + "/" + index);
            }
        }
        assertEquals(MerkleTree.root(defined, size), MerkleTree.root(tiled, size));
        byte[] full = tile(defined, TileAddress.hashesAt(0, 1, size));
        assertArrayEquals(defined.node(8, 1), TiledNodes.rootOf(full));
    }

    private static byte[] tile(MerkleTree.CompleteNodes nodes, TileAddress address) throws IOException {
        byte[] tile = new byte[address.width() * 32];
        for (int i = 0; i < address.width(); i++) {
            byte[] hash = nodes.node(address.level() * TileAddress.HEIGHT, address.index() * 256 + i);
            System.arraycopy(hash, 0, tile, i * 32, 32);
        }
        return tile;
    }

    /** The examples of C2SP's tlog-tiles. */
    @Test
    void tilesLieWhereTheSpecificationSays() {
        assertEquals("tile/0/000.p/7", TileAddress.hashesAt(0, 0, 7).path());
        assertEquals("tile/0/x001/x234/067", new TileAddress(TileAddress.Kind.HASHES, 0, 1234067, 256).path());
        assertEquals("tile/entries/x001/x234/067", new TileAddress(TileAddress.Kind.ENTRIES, 0, 1234067, 256).path());
        assertEquals("tile/0/273.p/112", TileAddress.hashesAt(0, 273, 70_000).path());
        assertEquals(
                List.of("tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"),
                TileAddress.all(70_000).stream()
                        .filter(address -> address.level() > 0)
                        .map(TileAddress::path)
                        .toList());
    }

    @Test
    void bundlesAreWhatTheSpecificationSaysAndNothingElseIsRead() {
        List<byte[]> entries = List.of(new byte[0], "a".getBytes(), new byte[300]);
        byte[] bundle = EntryBundle.encode(entries);

        assertEquals("0000000161012c00", HexFormat.of().formatHex(bundle, 0, 8));
        List<byte[]> read = EntryBundle.decode(bundle, 3);
        assertEquals(3, read.size());
        assertArrayEquals(entries.get(2), read.get(2));
        assertThrows(IllegalArgumentException.class, () -> EntryBundle.decode(bundle, 2));
        assertThrows(IllegalArgumentException.class, () -> EntryBundle.decode(bundle, 4));
        for (int cut = 1; cut < bundle.length; cut++) {
            byte[] shorter = java.util.Arrays.copyOf(bundle, cut);
            assertThrows(IllegalArgumentException.class, () -> EntryBundle.decode(shorter, 3));
        }
    }
}
