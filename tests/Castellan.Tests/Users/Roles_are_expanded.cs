using Castellan.Core.Roles;

namespace Castellan.Tests.Users;

public sealed class Roles_are_expanded
{
    private static Role Role(string id, params string[] parts) => new(id, id, null, null, null, null, parts);

    [Fact]
    public void The_same_few_ids_give_the_same_set_with_all_that_they_contain()
    {
        var graph = new RoleGraph([Role("a", "b"), Role("b", "c"), Role("c", "a"), Role("d")]);
        var reached = graph.Expand(["a"]);
        Assert.Equal(["a", "b", "c"], reached.Select(r => r.Id).Order());
        Assert.Same(reached, graph.Expand(["a"]));
        Assert.NotSame(reached, graph.Expand(["b"]));
        Assert.Equal(["d"], graph.Expand(["d", "unknown"]).Select(r => r.Id));
        Assert.Empty(graph.Expand([]));
    }

    [Fact]
    public void A_list_that_is_changed_later_changes_no_answer()
    {
        var graph = new RoleGraph([Role("a"), Role("b")]);
        List<string> ids = ["a"];
        Assert.Single(graph.Expand(ids));
        ids[0] = "b";
        Assert.Equal(["a"], graph.Expand(["a"]).Select(r => r.Id));
        Assert.Equal(["b"], graph.Expand(["b"]).Select(r => r.Id));
    }

    // Of an administrator of a thousand realms, say: kept for each list of ids they would be most of the memory.
    [Fact]
    public void Large_sets_are_not_kept_and_small_ones_not_for_ever()
    {
        var parts = Enumerable.Range(0, RoleGraph.LargestKept + 1).Select(i => $"p{i}").ToArray();
        var graph = new RoleGraph([Role("all", parts), .. parts.Select(p => Role(p))]);
        Assert.Equal(parts.Length + 1, graph.Expand(["all"]).Count);
        Assert.NotSame(graph.Expand(["all"]), graph.Expand(["all"]));

        var first = graph.Expand(["p0"]);
        foreach (var part in parts)
        {
            Assert.Equal([part], graph.Expand([part]).Select(r => r.Id));
        }

        Assert.NotSame(first, graph.Expand(["p0"]));
        Assert.Same(graph.Expand(["p0"]), graph.Expand(["p0"]));
    }
}
