using System.Text;
using Castellan.Core.Users;

namespace Castellan.Storage;

/// <summary>
/// One search for people. There are two good ways and each is bad where the other is good: a page of what many have is found soonest by walking
/// through the names in order; what few have, by an index. PostgreSQL knows from its statistics which way to take. SQLite has none and is told:
/// the index is asked for a few thousand, and when it has more, they are many.
/// </summary>
internal sealed class UserSearch
{
    private const int Few = 5_000;

    /// <summary>As many as are worth asking for; what they let through is looked at anyway.</summary>
    private const int MaxTrigrams = 10;

    private readonly Reads _reads;
    private readonly bool _sqlite;
    private readonly List<Sql> _conditions = [];
    private readonly List<Sql> _sets = [];
    private readonly List<string> _pieces = [];
    private readonly bool _scan;
    private readonly string _realmId;

    /// <summary>Whether a condition lets only few through, so that SQLite shall begin with it.</summary>
    private bool _few;

    public UserSearch(Reads reads, string realmId, UserQuery query)
    {
        _reads = reads;
        _realmId = realmId;
        _sqlite = reads.Engine == DbEngine.Sqlite;
        if (!query.ServiceAccounts)
        {
            _scan = true;
            _conditions.Add(Sql.Raw("u.service_account_client IS NULL"));
        }

        foreach (var word in (query.Search ?? "").ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            AddWord(word);
        }

        AddField("u.username", query.Username, query.Exact);
        AddField("u.email", query.Email, query.Exact);
        AddField("u.first_name", query.FirstName, query.Exact);
        AddField("u.last_name", query.LastName, query.Exact);
        AddFlag("u.enabled", query.Enabled);
        AddFlag("u.email_verified", query.EmailVerified);
        if (query.IdentityProvider is { } provider)
        {
            _sets.Add(query.FederatedUserId is { } account
                ? $"SELECT s.user_id FROM federated_identity s WHERE s.realm_id = {realmId} AND s.identity_provider = {provider} AND s.federated_user_id = {account}"
                : (Sql)$"SELECT s.user_id FROM federated_identity s WHERE s.realm_id = {realmId} AND s.identity_provider = {provider}");
        }
        else if (query.FederatedUserId is { } account)
        {
            _sets.Add($"SELECT s.user_id FROM federated_identity s WHERE s.realm_id = {realmId} AND s.federated_user_id = {account}");
        }

        foreach (var (name, value) in query.Attributes ?? new Dictionary<string, string>())
        {
            var wanted = Lower(ChangeWriter.Indexed(value));
            Sql fits = $"lower(s.value) = {wanted}";
            if (query.AttributesInPart)
            {
                fits = $"lower(s.value) LIKE {"%" + Like.Escape(Lower(value)) + "%"} ESCAPE '\\'";
            }

            _sets.Add($"SELECT s.user_id FROM user_attribute s WHERE s.realm_id = {realmId} AND s.name = {name} AND {fits}");
        }

        if (query.GroupIds is { } groups)
        {
            _sets.Add($"SELECT s.user_id FROM group_member s WHERE s.group_id IN ({groups})");
        }

        if (query.Only is { } only)
        {
            _conditions.Add(Within(only));
        }
    }

    /// <summary>As both engines do it to what compares byte by byte: A to Z and no others.</summary>
    private static string Lower(string text) => string.Create(text.Length, text, static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = char.IsAsciiLetterUpper(from[i]) ? char.ToLowerInvariant(from[i]) : from[i];
        }
    });

    public async ValueTask<List<User>> ListAsync(int first, int max, CancellationToken ct)
    {
        // The page first, then what is shown of it: PostgreSQL would gather that for what it passes over too, and SQLite for what it sorts.
        var from = await FromAsync(ct);
        return await _reads.ListAsync(
            $"""
            SELECT {UserStore.Columns} FROM (SELECT u.id, u.username {from} ORDER BY u.username {Like.Page(_reads.Engine, first, max)}) p
            JOIN users u ON u.id = p.id ORDER BY p.username
            """,
            UserStore.Read, ct);
    }

    public async ValueTask<int> CountAsync(CancellationToken ct)
    {
        var from = await FromAsync(ct);
        return (int)await _reads.ScalarAsync($"SELECT count(*) {from}", ct);
    }

    /// <summary>The condition that a user <c>u</c> is one of these.</summary>
    public static Sql Within(UserRestriction only)
    {
        var conditions = new List<Sql>();
        if (only.All != UserKind.Everybody)
        {
            var groups = only.AnyGroup ? Sql.Raw("1 = 1") : $"s.group_id IN ({only.Groups})";
            var ungrouped = only.All == UserKind.Ungrouped ? Sql.Raw("NOT EXISTS (SELECT 1 FROM group_member s WHERE s.user_id = u.id)") : Sql.Raw("1 = 0");
            conditions.Add($"(u.id IN ({only.Ids}) OR {ungrouped} OR EXISTS (SELECT 1 FROM group_member s WHERE s.user_id = u.id AND {groups}))");
        }

        if (only.NotIds.Count > 0)
        {
            conditions.Add($"u.id NOT IN ({only.NotIds})");
        }

        if (only.NotGroups.Count > 0)
        {
            conditions.Add($"NOT EXISTS (SELECT 1 FROM group_member s WHERE s.user_id = u.id AND s.group_id IN ({only.NotGroups}))");
        }

        return Sql.And(conditions);
    }

    /// <summary>Keycloak's rules for a word: in quotes it is the whole of a field, otherwise a field begins with it; a star is anything.</summary>
    private void AddWord(string word)
    {
        if (word.Length >= 2 && word[0] == '"' && word[^1] == '"')
        {
            AddPiece("\n" + word[1..^1] + "\n");
            return;
        }

        var pieces = word.Split('*');
        if (pieces.Length == 1 || pieces is [_, ""])
        {
            AddPiece("\n" + pieces[0]);
        }
        else if (pieces is ["", _] or ["", _, ""])
        {
            AddPiece(pieces[1]);
        }
        else
        {
            // Several pieces have to be in one field.
            foreach (var piece in pieces)
            {
                AddPiece(piece);
            }

            var pattern = string.Join('%', pieces.Select(Like.Escape)) + (word[^1] == '*' ? "" : "%");
            _conditions.Add(
                $"""
                (u.username LIKE {pattern} ESCAPE '\' OR u.email LIKE {pattern} ESCAPE '\' OR u.first_name LIKE {pattern} ESCAPE '\' OR u.last_name LIKE {pattern} ESCAPE '\')
                """);
        }
    }

    private void AddField(string column, string? value, bool exact)
    {
        if (string.IsNullOrEmpty(value))
        {
            // Nothing is in every text, so this lets those through who have one; and nobody's is empty.
            _conditions.Add(value is null ? Sql.Raw("1 = 1") : exact ? Sql.Raw("1 = 0") : Sql.Raw(column + " IS NOT NULL"));
            return;
        }

        var lower = value.ToLowerInvariant();
        if (exact)
        {
            if (column == "u.email")
            {
                _conditions.Add($"u.id IN ({UserStore.WithEmail(_reads.Engine, _realmId, lower)})");
                _few = true;
                return;
            }

            _conditions.Add($"{Sql.Raw(column)} = {lower}");
            if (column != "u.username")
            {
                AddPiece("\n" + lower + "\n");
            }
        }
        else
        {
            AddPiece(lower);
            _conditions.Add($"{Sql.Raw(column)} LIKE {Like.Contains(lower)} ESCAPE '\\'");
        }
    }

    /// <summary>A text that the fields together must hold.</summary>
    private void AddPiece(string piece)
    {
        if (piece.Length > 0)
        {
            _pieces.Add(piece);
            _conditions.Add(_sqlite ? $"instr(u.search, {piece}) > 0" : Holds(piece));
        }
    }

    /// <summary>
    /// For PostgreSQL. How long its index takes is up to the commonest three characters of those asked for, and these are the first ones where all
    /// names begin alike (user1, user2, …). Of a long piece the index is asked for the rest alone.
    /// </summary>
    private static Sql Holds(string piece)
    {
        const int Head = 3;
        var rest = piece.Length < 3 * Head ? piece : piece[(char.IsLowSurrogate(piece[Head]) ? Head + 1 : Head)..];
        Sql indexed = $"u.search LIKE {Like.Contains(rest)} ESCAPE '\\'";
        return rest == piece ? indexed : $"{indexed} AND position({piece} IN u.search) > 0";
    }

    /// <summary>Written out, since one of the values has an index of its own.</summary>
    private void AddFlag(string column, bool? value)
    {
        if (value is { } flag)
        {
            _conditions.Add(Sql.Raw($"{column} = {(flag ? 1 : 0)}"));
        }
    }

    private async ValueTask<Sql> FromAsync(CancellationToken ct)
    {
        if (!_sqlite)
        {
            // A prepared statement would be planned once for all patterns, and rare and common ones want different plans.
            await _reads.ListAsync(Sql.Raw("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"), static _ => 0, ct);
            return $"FROM users u WHERE u.realm_id = {_realmId} AND {Sql.And([.. _conditions, .. _sets.Select(s => (Sql)$"u.id IN ({s})")])}";
        }

        foreach (var set in _sets)
        {
            var isFew = !_few && await IsFewAsync(set, ct);
            _conditions.Add(isFew ? $"u.id IN ({set})" : (Sql)$"EXISTS ({set} AND s.user_id = u.id)");
            _few |= isFew;
        }

        var all = Sql.And(_conditions);
        if (_few)
        {
            return $"FROM users u WHERE +u.realm_id = {_realmId} AND {all}";
        }

        if (Trigrams() is { } trigrams)
        {
            Sql found = $"SELECT rowid FROM user_search WHERE user_search MATCH {trigrams}";
            if (await IsFewAsync(found, ct))
            {
                return $"FROM users u WHERE u.num IN ({found}) AND +u.realm_id = {_realmId} AND {all}";
            }
        }

        return _scan && _pieces.Count > 0
            ? $"FROM users u INDEXED BY users_scan WHERE u.realm_id = {_realmId} AND {all}"
            : (Sql)$"FROM users u WHERE u.realm_id = {_realmId} AND {all}";
    }

    private async ValueTask<bool> IsFewAsync(Sql set, CancellationToken ct) => await _reads.ScalarAsync($"SELECT count(*) FROM ({set} LIMIT {Few + 1})", ct) <= Few;

    /// <summary>The question to the index: all groups of three characters of all pieces. Null when they are too short for that.</summary>
    private string? Trigrams()
    {
        var trigrams = new HashSet<string>(StringComparer.Ordinal);
        foreach (var piece in _pieces)
        {
            var runes = piece.EnumerateRunes().ToArray();
            for (var i = 0; i + 3 <= runes.Length; i++)
            {
                trigrams.Add($"{runes[i]}{runes[i + 1]}{runes[i + 2]}");
            }
        }

        if (trigrams.Count == 0)
        {
            return null;
        }

        var question = new StringBuilder();
        foreach (var trigram in trigrams.Take(MaxTrigrams))
        {
            question.Append(question.Length == 0 ? "\"" : " AND \"").Append(trigram.Replace("\"", "\"\"")).Append('"');
        }

        return question.ToString();
    }
}
