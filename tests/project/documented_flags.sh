# Every flag that a help text of the program ($1) shows is in README.md or docs/.
program=$1

# The long flags in the text on standard input.
flags() { grep -oE -e '--[a-z][a-z0-9-]+' | sort -u; }

# The words that begin a line after "SUBCOMMANDS:" in the help.
sub_commands() { "$program" --help | sed -n '/^ *subcommands:/I,$p' | grep -oE '^ {2,4}[a-z]+' ; }

helps() {
    "$program" --help
    for sub_command in $(sub_commands); do "$program" "$sub_command" --help; done
}

documented=$(cat README.md docs/*.md | flags)
shown=$(helps | flags)

for known in --prompt --steps --seed --json; do
    grep -qxF -e "$known" <<<"$shown" || { echo "the help texts do not show $known"; exit 1; }
done
undocumented=$(comm -23 <(printf '%s\n' "$shown") <(printf '%s\n' "$documented"))
if [[ -n $undocumented ]]; then
    printf 'neither README.md nor docs/ tells of:\n%s\n' "$undocumented"
    exit 1
fi
